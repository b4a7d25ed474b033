import { isAlias, isMap, isScalar, isSeq, parseDocument, type Node, type Pair, type Scalar } from "yaml";
import { refuseAll } from "./collected-complaints.ts";
import type { Complaint } from "./complaint.ts";
import type { ComplainAt, DeclarationKind } from "./declaration-kind.ts";
import { positionsIn, type TextPosition } from "./text-position.ts";
import { startOf, toPlainTree, type PlainTree } from "./yaml-value.ts";

/** Keys and list indices from the root. */
export type YamlPath = readonly (string | number)[];

/** A parsed YAML file, as plain values, with the position of each. */
export interface YamlDocument {
  /** Null-prototype objects, arrays, strings, numbers, booleans, null. */
  readonly value: unknown;
  /** Where the value at `path` starts, or the last part of `path` that is there. */
  readonly positionOf: (path: YamlPath) => TextPosition;
  /** Where the key that ends `path` starts. */
  readonly positionOfKey: (path: YamlPath) => TextPosition;
  /** Where the `index`-th character of the text at `path` is: exact for one-line scalars, else as near as may be. */
  readonly positionInText: (path: YamlPath, index: number) => TextPosition;
  /** The scalar at `path` as it stands in the file: `1.10` stays 1.10, `0012` stays 0012. */
  readonly textAt: (path: YamlPath) => string;
}

interface Parsed extends PlainTree {
  readonly text: string;
  readonly root: Node | null;
  readonly at: (offset: number) => TextPosition;
}

/**
 * Parses one YAML 1.2 document (core schema). An empty one has the value null.
 *
 * @throws DeclarationError of `kind`, for syntax and size: with every complaint that the parser has.
 */
export function parseYaml<Code extends string>(
  kind: DeclarationKind<Code>,
  file: string,
  text: string,
): YamlDocument {
  const at = positionsIn(file, text);
  const complaints: Complaint<Code>[] = [];
  const complain: ComplainAt = (flaw, offset, message) =>
    void complaints.push({ code: kind.codes[flaw], position: at(offset), message });
  refuseControlCharacters(text, complain);
  refuseAll(kind, complaints);
  const root = parseNodes(text, kind.noun, complain);
  refuseAll(kind, complaints);
  const tree = toPlainTree(root, kind.noun, complain);
  refuseAll(kind, complaints);
  const parsed = { ...tree, text, root, at };
  return {
    value: tree.value,
    positionOf: (path) => at(startOf(walkTo(parsed, path).node)),
    positionOfKey: (path) => at(startOf(walkTo(parsed, path).pair?.key)),
    positionInText: (path, index) => at(offsetInText(parsed, path, index)),
    textAt: (path) => textAt(walkTo(parsed, path).node),
  };
}

function parseNodes(text: string, noun: string, complain: ComplainAt) {
  // uniqueKeys compares each key with each: ours is linear, and finds the same.
  const document = parseDocument(text, {
    version: "1.2",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "error",
  });
  const flaws = [...document.errors, ...document.warnings];
  const overflow = flaws.find(({ message }) => /stack overflow|call stack/i.test(message));
  if (overflow !== undefined) {
    complain("syntax", overflow.pos[0], "nested far too deep");
    return null;
  }
  for (const { pos, message, code } of flaws)
    complain(
      "syntax",
      pos[0],
      code === "MULTIPLE_DOCS" ? `a ${noun} is one YAML document` : lowerFirst(message),
    );
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== "1.2")
    complain("syntax", 0, `a ${noun} is YAML 1.2, not ${document.directives.yaml.version}`);
  return document.contents;
}

/** YAML 1.2.2 §5.1 excludes them too; a stray NUL or escape character would travel into an image unseen. */
function refuseControlCharacters(text: string, complain: ComplainAt): void {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  const found = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.exec(text);
  if (found === null) return;
  const code = found[0].charCodeAt(0).toString(16).padStart(2, "0");
  complain("syntax", found.index, `the control character 0x${code} is not allowed in YAML`);
}

function lowerFirst(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}

function walkTo(parsed: Parsed, path: YamlPath): { node: unknown; pair: Pair | undefined } {
  let node: unknown = parsed.root;
  let pair: Pair | undefined;
  for (const step of path) {
    const here = dereference(parsed, node);
    let next: unknown;
    if (isMap(here)) {
      pair = parsed.pairs.get(here)?.get(String(step)) ?? pair;
      next = parsed.pairs.get(here)?.get(String(step))?.value;
    } else if (isSeq(here) && typeof step === "number") next = here.items[step];
    if (next === undefined || next === null) break;
    node = next;
  }
  return { node: dereference(parsed, node), pair };
}

function dereference(parsed: Parsed, node: unknown): unknown {
  let target = node;
  // toPlainTree has refused circles
  while (isAlias(target)) target = parsed.targets.get(target);
  return target;
}

function textAt(node: unknown): string {
  if (!isScalar(node)) return "";
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

/**
 * Escapes and folding move characters, but hardly ever make or hide a "{{": so a template's n-th opening is the n-th in
 * the file too, and what follows on the same line is that much further.
 */
function offsetInText(parsed: Parsed, path: YamlPath, index: number): number {
  const { node } = walkTo(parsed, path);
  if (!isScalar(node) || node.range === null || node.range === undefined) return startOf(node);
  const [start, end] = node.range;
  const raw = parsed.text.slice(start, end);
  const value = textAt(node);
  const quote = isQuoted(node) ? 1 : 0;
  if (raw.startsWith(value, quote)) return start + quote + index;
  const opening = value.lastIndexOf("{{", index);
  if (opening === -1) return start;
  const rawOpening = indexOfNth(raw, "{{", countOf(value.slice(0, opening), "{{"));
  if (rawOpening === -1) return start;
  const between = value.slice(opening, index);
  return start + rawOpening + (raw.startsWith(between, rawOpening) ? between.length : 0);
}

function isQuoted(node: Scalar): boolean {
  return node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE";
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

function indexOfNth(text: string, part: string, nth: number): number {
  let at = text.indexOf(part);
  for (let seen = 0; seen < nth && at !== -1; seen += 1) at = text.indexOf(part, at + part.length);
  return at;
}
