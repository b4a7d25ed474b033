import { expandVariants, renderVariant, SpecError, type Spec, type VariantPlan } from "@bootstamp/variants";
import { ProgramError } from "../../program-error.ts";
import type { Manifest } from "../../build/manifest.ts";
import { formatNamed } from "../../formats.ts";
import { countText } from "../../report/quantity.ts";
import type { Reporter } from "../../report/reporter.ts";
import { changedBase } from "./changed-base.ts";
import type { PublishSite } from "./publish-site.ts";

/**
 * Throws unless a build is what its spec asks for now: all variants, no others, with these edits, in these settings, of
 * the same base.
 *
 * The base is compared by the SHA-256 that the spec gives, if it does, and as {@link changedBase} can. A variant of which
 * a secret is not at hand, as in a job that only publishes, is not compared; a warning says so.
 * @throws ProgramError `BUILD_STALE`; SpecError; as {@link changedBase}.
 */
export async function refuseOtherBuild(
  spec: Spec,
  directory: string,
  manifest: Manifest,
  { reporter, signal }: Pick<PublishSite, "reporter" | "signal">,
): Promise<void> {
  const plans = expandVariants(spec);
  const other =
    otherFile(spec, plans, manifest) ??
    otherBase(spec, manifest) ??
    otherSettings(spec, manifest) ??
    (await otherEdits(spec, plans, manifest, reporter)) ??
    (await changedBase(spec, directory, manifest, signal));
  if (other === undefined) return;
  throw new ProgramError("BUILD_STALE", `the build in ${directory} ${other}: build first`, {
    directory,
  });
}

/** A release of half the variants, or of those that the spec had once, is not what was asked for. */
function otherFile(
  spec: Spec,
  plans: readonly VariantPlan[],
  { artifacts, stamps = [] }: Manifest,
): string | undefined {
  const wanted = new Set<string>();
  const { stamps: choice } = spec.output;
  for (const { outputs, stampOutput } of plans) {
    if (choice !== "only") for (const file of outputs.values()) wanted.add(file);
    if (choice !== false) wanted.add(stampOutput);
  }
  const files = [...artifacts, ...(choice === false ? [] : stamps)];
  const made = new Set(files.map(({ file }) => file));
  const missing = [...wanted].find((file) => !made.has(file));
  if (missing !== undefined) return `lacks ${missing} of ${spec.file}`;
  const other = files.find(({ file }) => !wanted.has(file));
  return other === undefined ? undefined : `has ${other.file}, which is no more in ${spec.file}`;
}

function otherBase({ base, file }: Spec, { base: { sha256 } }: Manifest): string | undefined {
  if (base.sha256 === undefined || sha256 === undefined || base.sha256 === sha256) return undefined;
  return `is of a base with the SHA-256 ${sha256}, ${file} says ${base.sha256}`;
}

function otherSettings({ output, file }: Spec, { stampables }: Manifest): string | undefined {
  for (const made of stampables) {
    const wanted = formatNamed(made.format).settle(output.compression.get(made.format) ?? {});
    for (const key of ["engine", "level", "extreme", "check"] as const) {
      if (made[key] !== wanted[key])
        return `has ${made.format} with ${key} ${String(made[key])}, ${file} says ${String(wanted[key])}`;
    }
  }
  return undefined;
}

async function otherEdits(
  spec: Spec,
  plans: readonly VariantPlan[],
  { artifacts, stamps = [] }: Manifest,
  reporter: Reporter,
): Promise<string | undefined> {
  const foretold = stamps.flatMap(({ variant, artifacts: of = [] }) =>
    of.map((each) => ({ ...each, variant })),
  );
  const made = Map.groupBy([...artifacts, ...foretold], ({ variant }) => variant);
  let unknown = 0;
  for (const plan of plans) {
    const wanted = await editsOf(spec, plan);
    if (wanted === undefined) unknown++;
    else if (made.get(plan.name)?.some(({ edits }) => edits !== wanted) === true)
      return `has ${plan.name} with other edits than ${spec.file}`;
  }
  if (unknown > 0) {
    const variants = countText(unknown, "variant");
    reporter.warn(
      `a secret is not set: whether the edits of ${variants} are those of the build is not known`,
    );
  }
  return undefined;
}

/** SHA-256 of the edits of a variant; undefined where a secret is missing. */
async function editsOf(spec: Spec, plan: VariantPlan): Promise<string | undefined> {
  try {
    return (await renderVariant(spec, plan)).contentIdentity;
  } catch (error) {
    const isSecret =
      error instanceof SpecError && error.complaints.every(({ code }) => code === "SPEC_SECRET_MISSING");
    if (isSecret) return undefined;
    throw error;
  }
}
