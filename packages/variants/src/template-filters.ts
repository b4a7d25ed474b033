import { createHash } from "node:crypto";

/** What a filter may be given in parentheses. */
export type FilterArgument = string | number;

/** One function of the closed set that `{{ value | name(arguments) }}` may use. */
export interface Filter {
  /** As the documentation writes it. */
  readonly usage: string;
  /** Undefined when the arguments fit, else what is wrong with them. */
  readonly check: (given: readonly FilterArgument[]) => string | undefined;
  readonly apply: (value: string, given: readonly FilterArgument[]) => string;
}

/** A value inside `{{ }}` is a word or a key, seldom a file: this bounds what filters can blow it up to. */
export const expressionLengthLimit: number = 1 << 20;

const text = {
  what: "text",
  fits: (given: FilterArgument) => typeof given === "string" && given.length <= 256,
};
const filler = {
  what: "one character",
  fits: (given: FilterArgument) => typeof given === "string" && given.length === 1,
};

function count(highest: number) {
  const fits = (given: FilterArgument) => typeof given === "number" && given >= 0 && given <= highest;
  return { what: `a number from 0 to ${highest}`, fits };
}

interface Parameter {
  readonly what: string;
  readonly fits: (given: FilterArgument) => boolean;
}

function filter(
  usage: string,
  parameters: readonly Parameter[],
  apply: Filter["apply"],
  needed: number = parameters.length,
): Filter {
  const check = (given: readonly FilterArgument[]) => {
    if (given.length < needed || given.length > parameters.length) return `is written ${usage}`;
    const wrong = parameters.find(
      (parameter, index) => index < given.length && !parameter.fits(given[index] ?? ""),
    );
    return wrong === undefined ? undefined : `is written ${usage}, with ${wrong.what}`;
  };
  return { usage, check, apply };
}

/**
 * Every filter, by name. `default` is not a function of a value alone: the renderer gives it "" for an absent one.
 * All are pure, deterministic, and linear in what they return.
 */
export const filters: ReadonlyMap<string, Filter> = new Map([
  ["lower", filter("lower", [], (value) => value.toLowerCase())],
  ["upper", filter("upper", [], (value) => value.toUpperCase())],
  ["trim", filter("trim", [], (value) => value.trim())],
  [
    "default",
    filter(`default("text")`, [text], (value, [fallback]) => (value === "" ? String(fallback) : value)),
  ],
  ["replace", filter(`replace("old", "new")`, [{ ...text, fits: isSome }, text], replaceAll)],
  ["pad", filter(`pad(width) or pad(width, "0")`, [count(256), filler], pad, 1)],
  ["indent", filter("indent(spaces)", [count(64)], indent)],
  ["slug", filter("slug", [], slug)],
  ["json", filter("json", [], (value) => JSON.stringify(value))],
  ["base64", filter("base64", [], (value) => Buffer.from(value).toString("base64"))],
  ["sha256", filter("sha256", [], (value) => createHash("sha256").update(value).digest("hex"))],
]);

function isSome(given: FilterArgument): boolean {
  return text.fits(given) && given !== "";
}

/** Cut before it is joined: 256 characters for each of a million would be a quarter of a gigabyte. */
function replaceAll(value: string, [old = "", replacement = ""]: readonly FilterArgument[]): string {
  const parts = value.split(String(old));
  const length = value.length + (parts.length - 1) * (String(replacement).length - String(old).length);
  return length > expressionLengthLimit
    ? "x".repeat(expressionLengthLimit + 1)
    : parts.join(String(replacement));
}

function pad(value: string, [width, fill = "0"]: readonly FilterArgument[]): string {
  return value.padStart(Number(width), String(fill));
}

/** Every line but the first, and no empty one: the first stands where the template has put it. */
function indent(value: string, [spaces]: readonly FilterArgument[]): string {
  return replaceLineStarts(value, " ".repeat(Number(spaces)));
}

function replaceLineStarts(value: string, spaces: string): string {
  const lines = value.split("\n");
  if (value.length + lines.length * spaces.length > expressionLengthLimit)
    return "x".repeat(expressionLengthLimit + 1);
  return lines.map((line, index) => (index === 0 || line === "" ? line : spaces + line)).join("\n");
}

/** A host name label (RFC 1123 §2.1): lower-case ASCII letters and digits with single hyphens between, 63 at most. */
function slug(value: string): string {
  const ascii = value.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const hyphened = ascii
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, 63);
  return hyphened.replace(/-$/, "");
}
