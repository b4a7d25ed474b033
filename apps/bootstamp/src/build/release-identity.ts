import type { VariantPlan } from "@bootstamp/variants";
import { generator } from "../version.ts";
import { identityOf } from "./identity.ts";
import { placeOf } from "./render-patches.ts";
import type { Job, Survey } from "./survey.ts";

/**
 * What all the bytes of a release depend on, of all its variants, in hex. Jobs that each make some of its variants come
 * to one release if, and only if, they have this in common.
 */
export function releaseIdentity(
  { spec, base, formats }: Pick<Job, "spec" | "base" | "formats">,
  clock: number | undefined,
  baseSha256: string,
  { patched, stored }: Survey,
): string {
  return identityOf({
    program: generator,
    base: baseSha256,
    place: placeOf(base, clock),
    formats: formats.map(({ format, settings }) => ({ format: format.name, settings })),
    stored,
    digests: spec.output.digests,
    bmap: spec.output.bmap,
    stamps: spec.output.stamps,
    variants: patched.map(({ plan, contentIdentity }) => variantOf(plan, contentIdentity)),
  });
}

function variantOf({ name, outputs }: VariantPlan, contentIdentity: string): object {
  return { name, contentIdentity, outputs: [...outputs] };
}
