import { formatPosition, quote } from "@bootstamp/declaration";
import { outputNameFault, stampNameFault, variantNameFault } from "./output-name.ts";
import { renderTemplate, type Bindings } from "./render-template.ts";
import type { Spec, VariantGroup } from "./spec.ts";
import {
  addComplaints,
  refuse,
  specError,
  type SpecComplaint,
  type SpecErrorCode,
  type SpecPosition,
} from "./spec-error.ts";

/** One variant: what it is called, and what the names in its templates stand for. */
export interface VariantPlan {
  readonly name: string;
  /** File name of the artifact without the ending of a format. */
  readonly outputName: string;
  /** File names of its artifacts by format. */
  readonly outputs: ReadonlyMap<string, string>;
  /** File name of its stamp. */
  readonly stampOutput: string;
  /** Its row in the table, else its name in the spec. */
  readonly position: SpecPosition;
  readonly group: VariantGroup;
  readonly bindings: Bindings & { readonly variant: string };
}

/** Far above the largest fleet that one build makes, far below what fills the memory. */
const variantLimit = 100_000;

/**
 * All variants of a spec, in its order: rows before combinations, the last key of a matrix changing fastest.
 * Reads no files. Linear in the number of variants.
 *
 * @throws SpecError SPEC_DUPLICATE_VARIANT, also for output names that differ in case alone; SPEC_OUTPUT_NAME,
 * SPEC_TEMPLATE, SPEC_VALUE, SPEC_TOO_LARGE above 100,000.
 */
export function expandVariants(spec: Spec): readonly VariantPlan[] {
  const complaints: SpecComplaint[] = [];
  const plans: VariantPlan[] = [];
  for (const group of spec.groups) {
    if (plans.length + countOf(group) > variantLimit)
      throw specError("SPEC_TOO_LARGE", group.position, `more than ${variantLimit} variants`);
    for (const { bindings, position } of bindingsOf(group)) {
      try {
        plans.push(planVariant(spec, group, bindings, position));
      } catch (error) {
        addComplaints(complaints, error, (complaint) =>
          complaint.position === position
            ? complaint.message
            : `${complaint.message}, for ${formatPosition(position)}`,
        );
      }
    }
  }
  refuse(complaints);
  refuseDoubles(plans, "variant", ({ name }) => name);
  refuseDoubles(plans, "output", ({ outputName }) => outputName, nameAnywhere);
  if (plans.length === 0)
    throw specError(
      "SPEC_VALUE",
      spec.groups[0]?.position ?? spec.base.position,
      "the spec makes no variant at all",
    );
  return plans;
}

/** Before anything is left out. */
function countOf({ table, matrix }: VariantGroup): number {
  return [...matrix.values()].reduce((count, values) => count * values.length, table?.rows.length ?? 1);
}

function* bindingsOf(group: VariantGroup): Iterable<{ bindings: Bindings; position: SpecPosition }> {
  const { values, position } = group;
  const matrices = combinations(group);
  for (const row of group.table?.rows ?? [{ cells: new Map<string, string>(), position }])
    for (const matrix of matrices)
      yield { bindings: { row: row.cells, matrix, values }, position: row.position };
}

function combinations({ matrix, exclude }: VariantGroup): readonly ReadonlyMap<string, string>[] {
  let found: readonly ReadonlyMap<string, string>[] = [new Map()];
  for (const [key, values] of matrix)
    found = found.flatMap((above) => values.map((value) => new Map([...above, [key, value]])));
  return found.filter(
    (combination) =>
      !exclude.some(({ values }) => [...values].every(([key, value]) => combination.get(key) === value)),
  );
}

function planVariant(
  spec: Spec,
  group: VariantGroup,
  unnamed: Bindings,
  position: SpecPosition,
): VariantPlan {
  const name = renderTemplate(group.name, unnamed).text;
  refuseName("SPEC_VALUE", position, `the variant name ${quote(name)}`, variantNameFault(name));
  if (spec.output.stamps !== false) {
    refuseName("SPEC_VALUE", position, `the variant name ${quote(name)}`, stampNameFault(name));
  }
  const bindings = { ...unnamed, variant: name };
  const outputName = renderTemplate(group.outputName, bindings).text;
  const { formats } = spec.output;
  const fault = outputNameFault(outputName, formats);
  refuseName("SPEC_OUTPUT_NAME", position, `the output name ${quote(outputName)}`, fault);
  const outputs = new Map(formats.map((format) => [format, `${outputName}.${format}`]));
  const stampOutput = `${outputName}.stamp`;
  return { name, outputName, outputs, stampOutput, position, group, bindings };
}

function refuseName(
  code: SpecErrorCode,
  position: SpecPosition,
  what: string,
  fault: string | undefined,
): void {
  if (fault !== undefined) throw specError(code, position, `${what} ${fault}`);
}

/** Two names for which this is the same are one file on FAT, and on what Windows and macOS keep files on. */
function nameAnywhere(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

function refuseDoubles(
  plans: readonly VariantPlan[],
  what: string,
  nameOf: (plan: VariantPlan) => string,
  keyOf: (name: string) => string = (name) => name,
): void {
  const seen = new Map<string, VariantPlan>();
  const complaints: SpecComplaint[] = [];
  for (const plan of plans) {
    const name = nameOf(plan);
    const key = keyOf(name);
    const first = seen.get(key);
    seen.set(key, first ?? plan);
    if (first === undefined) continue;
    const at = formatPosition(first.position);
    const fault =
      nameOf(first) === name
        ? `is there already, at ${at}`
        : `and ${quote(nameOf(first))}, at ${at}, differ only in the case or form of letters: some file systems take them for one`;
    const message = `the ${what} ${quote(name)} ${fault}`;
    complaints.push({ code: "SPEC_DUPLICATE_VARIANT", position: plan.position, message });
  }
  refuse(complaints);
}
