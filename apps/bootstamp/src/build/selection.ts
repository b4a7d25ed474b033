import { ProgramError } from "../program-error.ts";
import { shareOf, type Shard } from "./shard.ts";

/** Which of a spec's variants to stamp: one shard of them, or those of these names. */
export type Selection = { readonly shard: Shard } | { readonly variants: readonly string[] };

/**
 * The plans that are selected, in the spec's order; all of them without a selection.
 * @throws ProgramError `USAGE_ARGUMENT` for a name that no plan has.
 */
export function selectPlans<Plan extends { readonly name: string }>(
  plans: readonly Plan[],
  selection: Selection | undefined,
): readonly Plan[] {
  if (selection === undefined) return plans;
  if ("shard" in selection) return shareOf(plans, selection.shard);
  const known = new Set(plans.map(({ name }) => name));
  const unknown = selection.variants.find((name) => !known.has(name));
  if (unknown !== undefined) throw noSuchVariant(unknown, plans);
  const wanted = new Set(selection.variants);
  return plans.filter(({ name }) => wanted.has(name));
}

const shownNames = 20;

function noSuchVariant(name: string, plans: readonly { readonly name: string }[]): ProgramError {
  const shown = plans.slice(0, shownNames).map((plan) => plan.name);
  const more = plans.length > shown.length ? ` and ${plans.length - shown.length} more` : "";
  const message = `the spec has no variant ${JSON.stringify(name)}; it has ${shown.join(", ")}${more}`;
  return new ProgramError("USAGE_ARGUMENT", message, { name });
}
