import { quote, suggest } from "@bootstamp/declaration";
import { collect, refuse, specError, type SpecComplaint, type SpecPosition } from "./spec-error.ts";
import { filters, type FilterArgument } from "./template-filters.ts";
import type { Expression, FilterCall, Template } from "./template.ts";

/** Reads one expression from left to right. */
interface Scanner {
  readonly text: string;
  readonly locate: (index: number) => SpecPosition;
  at: number;
}

/** After so many the rest of a text is hardly a template at all. */
const complaintLimit = 20;

const howToEscape = `a literal "{{" is written {{ "{{" }}`;

/**
 * Parses a template. `locate` gives the position of a character of `text`, `start` that of the
 * whole. Linear in its length.
 *
 * @throws SpecError SPEC_TEMPLATE: one complaint for each expression that does not parse.
 */
export function parseTemplate(
  text: string,
  locate: (index: number) => SpecPosition,
  start: SpecPosition = locate(0),
): Template {
  const parts: (string | Expression)[] = [];
  const complaints: SpecComplaint[] = [];
  const lastClosing = text.lastIndexOf("}}");
  let at = 0;
  while (at < text.length && complaints.length < complaintLimit) {
    const opening = text.indexOf("{{", at);
    const end = opening === -1 ? text.length : opening;
    if (end > at) parts.push(text.slice(at, end));
    if (opening === -1) break;
    if (opening > lastClosing)
      throw specError("SPEC_TEMPLATE", locate(opening), `"{{" without "}}"; ${howToEscape}`);
    const scanner = { text, locate, at: opening + 2 };
    const expression = collect(complaints, () => parseExpression(scanner, opening));
    if (expression !== undefined) parts.push(expression);
    at = scanner.at;
  }
  refuse(complaints);
  return { position: start, parts };
}

function parseExpression(scanner: Scanner, opening: number): Expression {
  const subject = parseSubject(scanner, opening);
  const calls: FilterCall[] = [];
  while (take(scanner, "|")) calls.push(parseFilter(scanner));
  if (!take(scanner, "}}")) throw unexpected(scanner, `"}}" or "|"`);
  return { position: scanner.locate(opening), subject, filters: calls };
}

function parseSubject(scanner: Scanner, opening: number): Expression["subject"] {
  const literal = takeString(scanner);
  if (literal !== undefined) return { literal };
  const first = takeWord(scanner);
  if (first === undefined)
    throw specError(
      "SPEC_TEMPLATE",
      scanner.locate(opening),
      `after "{{" a name or a "string" is expected; ${howToEscape}`,
    );
  const name = [first];
  for (;;) {
    if (take(scanner, ".")) name.push(takeWord(scanner) ?? failWith(scanner, `a name after "."`));
    else if (take(scanner, "[")) {
      name.push(takeString(scanner) ?? failWith(scanner, `a "string" after "["`));
      if (!take(scanner, "]")) throw unexpected(scanner, `"]"`);
    } else return { name };
  }
}

function parseFilter(scanner: Scanner): FilterCall {
  skipSpace(scanner);
  const position = scanner.locate(scanner.at);
  const name = takeWord(scanner) ?? failWith(scanner, `a function after "|"`);
  const given = take(scanner, "(") ? parseArguments(scanner) : [];
  const filter = filters.get(name);
  if (filter === undefined)
    throw specError(
      "SPEC_TEMPLATE",
      position,
      `unknown function ${quote(name)}${suggest(name, [...filters.keys()])}`,
    );
  const fault = filter.check(given);
  if (fault !== undefined) throw specError("SPEC_TEMPLATE", position, `the function "${name}" ${fault}`);
  return { name, arguments: given };
}

function parseArguments(scanner: Scanner): readonly FilterArgument[] {
  const given: FilterArgument[] = [];
  if (take(scanner, ")")) return given;
  do given.push(takeString(scanner) ?? takeDigits(scanner) ?? failWith(scanner, `a "string" or a number`));
  while (take(scanner, ","));
  if (!take(scanner, ")")) throw unexpected(scanner, `"," or ")"`);
  return given;
}

function failWith(scanner: Scanner, expected: string): never {
  throw unexpected(scanner, expected);
}

function unexpected(scanner: Scanner, expected: string) {
  skipSpace(scanner);
  const found = scanner.at >= scanner.text.length ? "the end" : quote(scanner.text[scanner.at] ?? "");
  const position = scanner.locate(Math.min(scanner.at, Math.max(0, scanner.text.length - 1)));
  return specError("SPEC_TEMPLATE", position, `in a template ${expected} is expected, got ${found}`);
}

function skipSpace(scanner: Scanner): void {
  match(scanner, /[ \t\r\n]*/y);
}

function take(scanner: Scanner, sign: string): boolean {
  skipSpace(scanner);
  const found = scanner.text.startsWith(sign, scanner.at);
  if (found) scanner.at += sign.length;
  return found;
}

function takeWord(scanner: Scanner): string | undefined {
  skipSpace(scanner);
  return match(scanner, /[A-Za-z_][\w-]*/y);
}

function takeDigits(scanner: Scanner): number | undefined {
  skipSpace(scanner);
  const digits = match(scanner, /[0-9]{1,9}/y);
  return digits === undefined ? undefined : Number(digits);
}

function takeString(scanner: Scanner): string | undefined {
  skipSpace(scanner);
  const single = match(scanner, /'[^'\n]*'/y);
  if (single !== undefined) return single.slice(1, -1);
  const start = scanner.at;
  // bounded: each repetition takes room on the stack
  const double = match(scanner, /"(?:[^"\\\n]|\\.){0,1000}"/y);
  if (double === undefined) return undefined;
  try {
    return String(JSON.parse(double));
  } catch {
    throw specError("SPEC_TEMPLATE", scanner.locate(start), "a string in a template is written as in JSON");
  }
}

function match(scanner: Scanner, pattern: RegExp): string | undefined {
  pattern.lastIndex = scanner.at;
  const found = pattern.exec(scanner.text)?.[0];
  scanner.at += found?.length ?? 0;
  return found === "" ? undefined : found;
}
