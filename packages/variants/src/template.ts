import type { FilterArgument } from "./template-filters.ts";
import type { SpecPosition } from "./spec-error.ts";

/**
 * Text with `{{ }}` in it, parsed.
 *
 *     template   = { text | "{{" expression "}}" }
 *     expression = ( name | string ) { "|" filter }
 *     name       = word { "." word | "[" string "]" }
 *     filter     = word [ "(" [ argument { "," argument } ] ")" ]
 *     argument   = string | digits
 *     string     = '"' JSON string '"'  |  "'" anything but "'" "'"
 *     word       = letter or "_", then letters, digits, "_", "-"
 *
 * A name is looked up in a fixed set; nothing is run, nothing is expanded twice. A literal "{{" is `{{ "{{" }}`.
 */
export interface Template {
  /** Where the text starts. */
  readonly position: SpecPosition;
  readonly parts: readonly (string | Expression)[];
}

export interface Expression {
  readonly position: SpecPosition;
  readonly subject: NameReference | { readonly literal: string };
  readonly filters: readonly FilterCall[];
}

export interface NameReference {
  /** At least one; `row.serial` is two. */
  readonly name: readonly string[];
}

export interface FilterCall {
  readonly name: string;
  readonly arguments: readonly FilterArgument[];
}

/** A template that stands for `text` as it is. */
export function literalTemplate(position: SpecPosition, text: string): Template {
  return { position, parts: [text] };
}

/** All expressions that look up a name, in order. */
export function references(
  template: Template,
): readonly (Expression & { readonly subject: NameReference })[] {
  return template.parts.flatMap((part) =>
    typeof part !== "string" && "name" in part.subject ? [{ ...part, subject: part.subject }] : [],
  );
}

/** As a template writes it: `row.serial`, `row["Serial No"]`. */
export function formatName(name: readonly string[]): string {
  return name
    .map((word, index) => (isWord(word) ? (index === 0 ? word : `.${word}`) : `[${JSON.stringify(word)}]`))
    .join("");
}

function isWord(word: string): boolean {
  return /^[A-Za-z_][\w-]*$/.test(word);
}
