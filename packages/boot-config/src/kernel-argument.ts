/*
 * A kernel command line as Linux splits it (next_arg in lib/cmdline.c): white space outside double quotes
 * separates, there is no escape, the first `=` that is not the first character ends the key. Quotes around
 * the whole argument or around its value do not belong to the value: key="a b" and "key=a b" are the same.
 * A bare `--` ends the kernel's arguments; what follows goes to init.
 */
import { BootConfigError } from "./boot-config-error.ts";

/** One kernel argument. `value` is undefined for a bare word such as `quiet`. */
export interface KernelArgument {
  /** As it was written, quotes included. */
  readonly text: string;
  readonly key: string;
  readonly value: string | undefined;
}

/** The argument after which everything is handed to init. */
export const endOfKernelArguments = "--";

/** Longer than any kernel's whole command line (COMMAND_LINE_SIZE is 4096 at most on common machines). */
const longestArgument = 4096;

const white = new Set([" ", "\t", "\v", "\f", "\r"]);

/** Key and value as the kernel sees them, of one argument whose quotes are balanced. */
export function splitKernelArgument(text: string): KernelArgument {
  const quoted = text.startsWith('"');
  const body = quoted ? text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined) : text;
  const equals = body.indexOf("=", 1);
  if (equals < 0) return { text, key: body, value: undefined };
  return { text, key: body.slice(0, equals), value: withoutQuotes(body.slice(equals + 1)) };
}

/**
 * Reads one argument that a person asked for.
 *
 * @throws BootConfigError KARGS_INVALID when it is empty, is `--`, holds a control character, an unbalanced
 * quote or an unquoted space (which would make it two arguments).
 */
export function parseKernelArgument(text: string): KernelArgument {
  if (text === "") throw invalid(text, "it is empty");
  if (text === endOfKernelArguments) throw invalid(text, "it would hand all that follows to init");
  if (text.length > longestArgument)
    throw invalid(text, `it has ${text.length} characters, at most ${longestArgument}`);
  // oxlint-disable-next-line no-control-regex
  const control = /[\0-\x1f\x7f]/.exec(text)?.[0];
  if (control !== undefined) {
    const code = control.charCodeAt(0).toString(16).padStart(2, "0");
    throw invalid(text, `it holds the control character 0x${code}`);
  }
  const ranges = splitCommandLine(text, 0, text.length);
  if (ranges === undefined) throw invalid(text, "its double quotes are not balanced");
  const only = ranges[0];
  if (ranges.length !== 1 || only?.start !== 0 || only.end !== text.length) {
    throw invalid(text, 'it holds an unquoted space; give one argument an item, or write key="two words"');
  }
  const argument = splitKernelArgument(text);
  if (argument.key === "") throw invalid(text, "its key is empty");
  return argument;
}

/** Whether the kernel takes both for the same argument. */
export function sameKernelArgument(
  a: Pick<KernelArgument, "key" | "value">,
  b: Pick<KernelArgument, "key" | "value">,
): boolean {
  return a.key === b.key && a.value === b.value;
}

/** The ranges of the arguments in `text[start, end)`, or undefined when a double quote stays open. */
export function splitCommandLine(
  text: string,
  start: number,
  end: number,
): { readonly start: number; readonly end: number }[] | undefined {
  const ranges: { start: number; end: number }[] = [];
  let at = start;
  for (;;) {
    while (at < end && white.has(text[at] ?? "")) at += 1;
    if (at >= end) return ranges;
    const stop = argumentEnd(text, at, end);
    if (stop === undefined) return undefined;
    ranges.push({ start: at, end: stop });
    at = stop;
  }
}

function argumentEnd(text: string, start: number, end: number): number | undefined {
  let quoted = false;
  for (let at = start; at < end; at += 1) {
    const char = text[at] ?? "";
    if (char === '"') quoted = !quoted;
    else if (!quoted && white.has(char)) return at;
  }
  return quoted ? undefined : end;
}

function withoutQuotes(value: string): string {
  if (!value.startsWith('"')) return value;
  return value.slice(1, value.length > 1 && value.endsWith('"') ? -1 : undefined);
}

function invalid(text: string, reason: string): BootConfigError {
  const shown = JSON.stringify(text.slice(0, 200));
  return new BootConfigError("KARGS_INVALID", `reading the kernel argument ${shown}: ${reason}`, {
    argument: text,
  });
}
