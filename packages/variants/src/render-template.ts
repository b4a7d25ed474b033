import { Secret } from "./secret.ts";
import { specError } from "./spec-error.ts";
import { expressionLengthLimit, filters } from "./template-filters.ts";
import { formatName, type Expression, type Template } from "./template.ts";

/** What the names in a template stand for, for one variant. */
export interface Bindings {
  /** Absent while the variant's name is made. */
  readonly variant?: string;
  /** The table's row; a column that the row lacks is absent. */
  readonly row: ReadonlyMap<string, string>;
  readonly matrix: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, string>;
}

/** A template's text for one variant. */
export interface Rendered {
  readonly text: string;
  /** True when a secret, or anything made of one, is in it: then it must not be printed. */
  readonly secret: boolean;
  /** What each use of a secret came to, after its functions. */
  readonly secrets: readonly Secret[];
}

/** Contents are held in memory, for every variant at once. */
const renderedLengthLimit = 16 << 20;

/**
 * Renders a template whose names have been checked. What is put in is not looked at again: a "{{" in a table's cell
 * stays as it is. Linear in the output.
 *
 * @throws SpecError SPEC_TEMPLATE: an absent value without a default; text that is no Unicode.
 * @throws SpecError SPEC_TOO_LARGE: above 16 Mi characters, or 1 Mi in one expression.
 */
export function renderTemplate(
  template: Template,
  bindings: Bindings,
  secrets: ReadonlyMap<string, Secret> = new Map(),
): Rendered {
  const pieces: string[] = [];
  let length = 0;
  const used: Secret[] = [];
  for (const part of template.parts) {
    const piece = typeof part === "string" ? part : renderExpression(part, bindings, secrets);
    if (typeof part !== "string" && "name" in part.subject && part.subject.name[0] === "secret")
      used.push(new Secret(piece));
    length += piece.length;
    if (length > renderedLengthLimit)
      throw specError(
        "SPEC_TOO_LARGE",
        template.position,
        `rendered text above ${renderedLengthLimit} characters`,
      );
    pieces.push(piece);
  }
  const text = pieces.join("");
  if (!text.isWellFormed())
    throw specError("SPEC_TEMPLATE", template.position, "half a surrogate pair is no text");
  return { text, secret: used.length > 0, secrets: used };
}

function renderExpression(
  expression: Expression,
  bindings: Bindings,
  secrets: ReadonlyMap<string, Secret>,
): string {
  const { subject, position } = expression;
  let value = "literal" in subject ? subject.literal : lookUp(subject.name, bindings, secrets);
  if (value === undefined && expression.filters.some(({ name }) => name === "default")) value = "";
  if (value === undefined && "name" in subject)
    throw specError(
      "SPEC_TEMPLATE",
      position,
      `${formatName(subject.name)} is absent here; | default("") would do`,
    );
  for (const call of expression.filters) {
    checkLength(expression, value);
    value = filters.get(call.name)?.apply(value ?? "", call.arguments) ?? "";
  }
  checkLength(expression, value);
  return value ?? "";
}

function checkLength(expression: Expression, value: string | undefined): void {
  if ((value?.length ?? 0) > expressionLengthLimit)
    throw specError(
      "SPEC_TOO_LARGE",
      expression.position,
      `a value above ${expressionLengthLimit} characters`,
    );
}

function lookUp(
  [root = "", key = ""]: readonly string[],
  bindings: Bindings,
  secrets: ReadonlyMap<string, Secret>,
): string | undefined {
  if (root === "variant") return bindings.variant;
  if (root === "secret") return secrets.get(key)?.reveal();
  return root === "row" || root === "matrix" || root === "values" ? bindings[root].get(key) : undefined;
}
