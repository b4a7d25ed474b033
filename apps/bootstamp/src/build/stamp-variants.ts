import { join } from "node:path";
import {
  fingerprintAt,
  sameFingerprint,
  type FileFingerprint,
  type FileSource,
} from "@bootstamp/byte-source";
import { stampFile, type Digester } from "@bootstamp/stamp";
import { mapInOrder } from "@bootstamp/threads";
import { variantIdentity } from "@bootstamp/variants";
import { base64OfCrc64, hexOfCrc32, type ArtifactRecord } from "./manifest.ts";
import { findPatch } from "./patch-file.ts";
import type { Stampable } from "./press-base.ts";
import type { PatchedVariant } from "./render-patches.ts";
import type { Workshop } from "./workshop.ts";

/** One artifact to make: a variant in a format. */
export interface StampJob {
  readonly variant: PatchedVariant;
  readonly stampable: Stampable;
}

export interface StampContext {
  readonly base: FileSource;
  readonly digests: readonly string[];
  readonly workshop: Workshop;
  readonly digester: Digester;
  readonly signal: AbortSignal;
}

/** One artifact that is there, and whether this run made it. */
export interface StampedArtifact {
  readonly record: ArtifactRecord;
  readonly made: boolean;
  /** Seconds for the stamp alone, and for its digests. */
  readonly stampSeconds: number;
  readonly digestSeconds: number;
}

/** What the ledger keeps of an artifact. */
interface KnownArtifact {
  readonly key: string;
  readonly fingerprint: FileFingerprint;
  readonly record: ArtifactRecord;
}

/** Makes the artifacts that are not there yet, some at a time, and yields all of them in the order of the jobs. */
export async function* stampVariants(
  jobs: readonly StampJob[],
  context: StampContext,
): AsyncGenerator<StampedArtifact> {
  for await (const artifact of mapInOrder(jobs, 4, async (job) => await findOrStamp(job, context))) {
    context.signal.throwIfAborted();
    yield artifact;
  }
}

async function findOrStamp(job: StampJob, context: StampContext): Promise<StampedArtifact> {
  const { variant, stampable } = job;
  const { workshop, digests } = context;
  const file = variant.plan.outputs.get(stampable.format.name);
  if (file === undefined)
    throw new Error(`internal error: no ${stampable.format.name} of ${variant.plan.name}`);
  const path = join(workshop.outputDirectory, file);
  const identity = variantIdentity(variant.contentIdentity, stampable.record.identity);
  const key = [identity, ...digests].join(" ");
  const known = workshop.ledger.get<KnownArtifact>(`artifact ${file}`);
  if (known?.key === key && isThere(path, known.fingerprint)) {
    return { record: known.record, made: false, stampSeconds: 0, digestSeconds: 0 };
  }
  const made = await stampOne(job, context, path, { variant: variant.plan.name, identity, file });
  const fingerprint = fingerprintAt(path);
  if (fingerprint !== undefined) {
    workshop.ledger.set(`artifact ${file}`, {
      key,
      fingerprint,
      record: made.record,
    } satisfies KnownArtifact);
  }
  return made;
}

async function stampOne(
  { variant, stampable }: StampJob,
  context: StampContext,
  output: string,
  names: Pick<ArtifactRecord, "variant" | "identity" | "file">,
): Promise<StampedArtifact> {
  const patch = findPatch(variant.patchPath)?.patch;
  if (patch === undefined) throw new Error(`internal error: the patch ${variant.patchPath} is gone`);
  const { format, map, file: stampableFile, packedCrc64nvme } = stampable;
  const { base, digests, digester, signal } = context;
  const started = performance.now();
  const stamped = await stampFile({
    format,
    map,
    stampable: stampableFile,
    patch,
    output,
    stampableCrc64nvme: packedCrc64nvme,
    signal,
  });
  const stampedAt = performance.now();
  const sha256 = digests.includes("sha256")
    ? await digester.digest({ file: stampableFile, overwrites: stamped.writes, signal })
    : undefined;
  const rawSha256 = digests.includes("raw-sha256")
    ? await digester.digest({ file: base, overwrites: patch, signal })
    : undefined;
  const record: ArtifactRecord = {
    ...names,
    format: format.name,
    length: stamped.length,
    ...(sha256 === undefined ? {} : { sha256 }),
    rawLength: map.rawLength,
    ...(rawSha256 === undefined ? {} : { rawSha256 }),
    ...(stamped.rawCrc32 === undefined ? {} : { rawCrc32: hexOfCrc32(stamped.rawCrc32) }),
    crc64nvme: base64OfCrc64(stamped.packedCrc64nvme ?? 0n),
  };
  return {
    record,
    made: true,
    stampSeconds: (stampedAt - started) / 1000,
    digestSeconds: (performance.now() - stampedAt) / 1000,
  };
}

function isThere(path: string, fingerprint: FileFingerprint): boolean {
  const now = fingerprintAt(path);
  return now !== undefined && sameFingerprint(now, fingerprint);
}
