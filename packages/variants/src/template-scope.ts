import { quote, suggest } from "@bootstamp/declaration";
import type { SpecComplaint } from "./spec-error.ts";
import { formatName, references, type Template } from "./template.ts";

/** Which names a template may use: all that its variant has. */
export interface Scope {
  /** False where the variant's name is being made. */
  readonly variant: boolean;
  /** Columns of the variant's table; undefined when it has none. */
  readonly row: ReadonlySet<string> | undefined;
  /** Undefined when the variant has no matrix. */
  readonly matrix: ReadonlySet<string> | undefined;
  readonly values: ReadonlySet<string>;
  readonly secret: ReadonlySet<string>;
}

/**
 * Where a secret may stand. In contents only: paths, names and kernel arguments are printed in plans and reports, and
 * a kernel argument can be read by everyone on the machine that it boots.
 */
export type SecretUse = "allowed" | "refused";

/** What is wrong with the names in a template, each with its position. */
export function checkNames(template: Template, scope: Scope, secrets: SecretUse): readonly SpecComplaint[] {
  return references(template).flatMap(({ position, subject: { name } }) => {
    const message = nameFault(name, scope, secrets);
    return message === undefined ? [] : [{ code: "SPEC_TEMPLATE" as const, position, message }];
  });
}

function nameFault(name: readonly string[], scope: Scope, secrets: SecretUse): string | undefined {
  const written = formatName(name);
  const [root = "", key] = name;
  if (root === "variant" && !scope.variant) return `"variant" is not known yet where its name is made`;
  const keys = keysOf(root, scope);
  if (keys === "none") return `unknown name ${quote(written)}: this variant has no ${sourceOf(root)}`;
  if (keys === undefined) return unknownName(written, scope);
  if (keys === "itself") return name.length === 1 ? undefined : `"variant" has no parts`;
  if (key === undefined || name.length > 2) return `a name below ${quote(root)} is written ${root}.name`;
  if (!keys.has(key)) return unknownKey(written, root, key, keys);
  if (root === "secret" && secrets === "refused")
    return `${quote(written)} may stand only in contents of files, not in names, paths, or what a plan prints`;
  return undefined;
}

function keysOf(root: string, scope: Scope): ReadonlySet<string> | "itself" | "none" | undefined {
  if (root === "variant") return "itself";
  if (root === "row" || root === "matrix") return scope[root] ?? "none";
  return root === "values" || root === "secret" ? scope[root] : undefined;
}

function sourceOf(root: string): string {
  return root === "row" ? `"table" or "rows"` : `"matrix"`;
}

function unknownKey(written: string, root: string, key: string, keys: ReadonlySet<string>): string {
  return `unknown name ${quote(written)}: ${quote(key)} is not in ${root}${suggest(key, [...keys])}`;
}

/** A bare column or key is the commonest slip: it gets its full name suggested. */
function unknownName(written: string, scope: Scope): string {
  const known = allNames(scope);
  const bare = known.find((name) => name.endsWith(`.${written}`));
  const hint = bare === undefined ? suggest(written, known) : `, did you mean ${quote(bare)}?`;
  return `unknown name ${quote(written)}${hint}`;
}

function allNames(scope: Scope): readonly string[] {
  const below = (["row", "matrix", "values", "secret"] as const).flatMap((root) =>
    [...(scope[root] ?? [])].map((key) => formatName([root, key])),
  );
  return scope.variant ? ["variant", ...below] : below;
}
