import {
  alignExtents,
  joinExtents,
  type EncodeSettings,
  type Extent,
  type StreamFormat,
} from "@bootstamp/segment-map";
import {
  expandVariants,
  loadSpec,
  type Spec,
  type StampsChoice,
  type VariantPlan,
} from "@bootstamp/variants";
import { aboutFile } from "../about-file.ts";
import { formatNamed } from "../formats.ts";
import type { Reporter } from "../report/reporter.ts";
import type { OpenContext } from "../open-container.ts";
import { openBase, type BaseChoice, type BaseImage } from "./base-image.ts";
import * as tell from "./build-report.ts";
import type { PatchStore } from "./patch-store.ts";
import { reserveRoom, type ReservedRoom } from "./reserve-room.ts";
import { renderPatches, touchedExtents, type PatchedVariant } from "./render-patches.ts";

/** A spec that has been read, with its variants. */
export interface Order {
  readonly spec: Spec;
  readonly plans: readonly VariantPlan[];
  /** What artifacts are made in. */
  readonly formats: readonly FormatChoice[];
}

/** An order, and its base, which the caller closes. */
export interface Job<Base extends BaseImage = BaseImage> extends Order {
  readonly base: Base;
}

/** A stream format, and how the base is compressed in it. */
export interface FormatChoice {
  readonly format: StreamFormat;
  readonly settings: EncodeSettings;
}

/** What a spec's variants come to on its base. */
export interface Survey {
  readonly patched: readonly PatchedVariant[];
  /** What the spec foresees beside its variants. */
  readonly reserved: ReservedRoom | undefined;
  /** What has to be stored: every block that some variant or foreseen edit changes, or the region. */
  readonly stored: readonly Extent[];
}

/**
 * Reads a spec and expands its variants. `stamps` stands in place of what the spec says of them.
 * @throws SpecError, MapError `MAP_SETTING`.
 */
export async function readOrder(specPath: string, stamps?: StampsChoice): Promise<Order> {
  const spec = withStamps(await loadSpec(specPath), stamps);
  const plans = expandVariants(spec);
  const chosen = await aboutFile(specPath, async () =>
    spec.output.formats.map((name) => formatChoiceOf(spec, name)),
  );
  return { spec, plans, formats: chosen };
}

/** {@link readOrder}, and opens the base as it is. @throws SourceError, LayoutError and others, too. */
export async function openJob(specPath: string, context: OpenContext): Promise<Job> {
  const order = await readOrder(specPath);
  return { ...order, base: await openBase(baseChoiceOf(order.spec), context) };
}

function withStamps(spec: Spec, stamps: StampsChoice = spec.output.stamps): Spec {
  return { ...spec, output: { ...spec.output, stamps } };
}

function formatChoiceOf({ output }: Spec, name: string): FormatChoice {
  const format = formatNamed(name);
  return { format, settings: format.settle(output.compression.get(name) ?? {}) };
}

export function baseChoiceOf({ base, region }: Spec): BaseChoice {
  return {
    image: base.image,
    region,
    ...(base.sectorSize === undefined ? {} : { sectorLength: base.sectorSize }),
  };
}

/**
 * Makes the edits of every variant, rehearses those that are foreseen, and tells of it.
 * @throws SpecError, BootfsError and others.
 */
export async function survey(
  job: Job,
  clock: number | undefined,
  store: PatchStore,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Survey> {
  const total = job.plans.length;
  let done = 0;
  const patched = await renderPatches({
    ...job,
    clock,
    store,
    onPatched: (variant) => tell.tellPatched(reporter, variant, ++done, total),
    signal,
  });
  const { spec, base } = job;
  if (spec.store === "whole") {
    const { offset, length } = base.region;
    const stored = alignExtents([{ offset, length }], 4096, base.raw.length);
    return { patched, reserved: undefined, stored };
  }
  const touched = touchedExtents(patched, base.raw.length);
  if (spec.store === "touched") return { patched, reserved: undefined, stored: touched };
  const reserved = await reserveRoom(base, spec.store.reserve);
  signal.throwIfAborted();
  tell.tellReserve(reporter, reserved);
  return { patched, reserved, stored: joinExtents([...touched, ...reserved.extents]) };
}
