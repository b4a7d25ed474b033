import { join } from "node:path";
import type { FileSource, Patch } from "@bootstamp/byte-source";
import type { Digester } from "@bootstamp/stamp";
import type { StampBase } from "@bootstamp/stamp-file";
import { totalLength } from "@bootstamp/segment-map";
import { mapInOrder, weightGate } from "@bootstamp/threads";
import { variantIdentity, type StampsChoice } from "@bootstamp/variants";
import { completeDigests } from "./artifact-digests.ts";
import { makeBmap, type BaseRanges } from "./artifact-bmap.ts";
import { foretellArtifact } from "./foretell-artifact.ts";
import { identityOf } from "./identity.ts";
import { makeArtifact } from "./make-artifact.ts";
import type { ArtifactRecord } from "./manifest.ts";
import type { Stampable } from "./press-base.ts";
import type { PublishedRecords } from "./published-records.ts";
import type { PatchedVariant } from "./render-patches.ts";
import { sharedDigests, type SharedDigests } from "./shared-digests.ts";
import type { Workshop } from "./workshop.ts";

/** One artifact to make: a variant in a format. */
export interface StampJob {
  readonly variant: PatchedVariant;
  readonly stampable: Stampable;
}

export interface StampContext {
  readonly base: FileSource;
  /** What the base is, whatever file it lies in. */
  readonly identity: StampBase;
  /** What decides on the artifacts' bytes beside the edits and the stampable image. */
  readonly place: object;
  readonly digests: readonly string[];
  readonly bmap: boolean;
  /** `only`: artifacts are not made; what they would be is worked out. */
  readonly stamps: StampsChoice;
  readonly workshop: Workshop;
  readonly records: PublishedRecords;
  readonly digester: Digester;
  /** Gets how many artifacts are done, with the parts of those under way. */
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal;
}

/** An artifact to make, with all that its making needs to know. */
export interface ArtifactOrder {
  readonly variant: PatchedVariant;
  readonly stampable: Stampable;
  readonly file: string;
  readonly path: string;
  readonly identity: string;
  readonly patch: () => Patch;
}

/** One artifact that is there, or known, and whether this run made it. */
export interface StampedArtifact {
  readonly record: ArtifactRecord;
  readonly made: boolean;
  /** Whether only what it would be is known. */
  readonly isForetold: boolean;
  /** Seconds for the stamp alone, and for its digests. */
  readonly stampSeconds: number;
  readonly digestSeconds: number;
}

/** Patches that are being stamped at the same time, in bytes: memory must not grow with the number of variants. */
const bytesUnderWay = 32 << 20;

/** Makes the artifacts that are not there yet, some at a time, and yields all of them in the order of the jobs. */
export async function* stampVariants(
  jobs: readonly StampJob[],
  context: StampContext,
): AsyncGenerator<StampedArtifact> {
  const site: StampSite = { ...context, ranges: new Map(), shared: sharedDigests() };
  const gate = weightGate(bytesUnderWay);
  let done = 0;
  const stamp = async (job: StampJob): Promise<StampedArtifact> => {
    let own = 0;
    const onShare = (share: number): void => {
      done += share - own;
      own = share;
      context.onProgress(done);
    };
    const weight = totalLength(job.variant.extents);
    return await gate(weight, async () => await stampOne(job, site, onShare));
  };
  for await (const artifact of mapInOrder(jobs, 4, stamp)) {
    context.signal.throwIfAborted();
    yield artifact;
  }
}

/** What the artifacts of one build share. */
interface StampSite extends StampContext {
  readonly ranges: BaseRanges;
  readonly shared: SharedDigests;
}

async function stampOne(
  job: StampJob,
  context: StampSite,
  onShare: (share: number) => void,
): Promise<StampedArtifact> {
  const { variant, stampable } = job;
  const order = orderOf(job, context);
  const isForetold = context.stamps === "only";
  const artifact = await (isForetold ? foretellArtifact : makeArtifact)(order, context);
  const digestsStarted = performance.now();
  const digests = await completeDigests(order, artifact, context, onShare);
  const bmap = context.bmap && !isForetold ? await makeBmap(order, context) : undefined;
  onShare(1);
  const record: ArtifactRecord = {
    variant: variant.plan.name,
    identity: order.identity,
    edits: variant.contentIdentity,
    file: order.file,
    format: stampable.format.name,
    ...artifact.facts,
    ...digests,
    ...(bmap === undefined ? {} : { bmap }),
  };
  const digestSeconds = (performance.now() - digestsStarted) / 1000;
  const made = !isForetold && !artifact.isOlder;
  return { record, made, isForetold, stampSeconds: artifact.seconds, digestSeconds };
}

function orderOf(
  { variant, stampable }: StampJob,
  { workshop, place }: Pick<StampContext, "workshop" | "place">,
): ArtifactOrder {
  const file = variant.plan.outputs.get(stampable.format.name);
  if (file === undefined)
    throw new Error(`internal error: no ${stampable.format.name} of ${variant.plan.name}`);
  const baseIdentity = identityOf({ stampable: stampable.record.identity, place });
  return {
    variant,
    stampable,
    file,
    path: join(workshop.outputDirectory, file),
    identity: variantIdentity(variant.contentIdentity, baseIdentity),
    patch: () => patchOf(workshop, variant),
  };
}

/** What the edits of a variant came to. */
export function patchOf({ patches }: Workshop, { patchKey, plan }: PatchedVariant): Patch {
  const kept = patches.find(patchKey);
  if (kept === undefined) throw new Error(`internal error: the patch of ${plan.name} is gone`);
  return kept.patch;
}
