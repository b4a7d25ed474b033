import { createHash } from "node:crypto";
import { SourceError, type ByteSource, type Patch } from "@bootstamp/byte-source";
import { crc32, patchedCrc32 } from "@bootstamp/crc";
import { bothWindows, DifferingExtents } from "./differing-extents.ts";
import { readRuns } from "./read-runs.ts";
import type { StampBase, StampResult } from "./stamp.ts";
import { StampFileError } from "./stamp-file-error.ts";

export interface DiffOptions {
  /** Whether SHA-256 of both images is worked out on the way, at a second or more a GB. Default: no. */
  readonly sha256?: boolean;
  /** Told how many bytes of each image have been compared. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** What makes a stamp of a name. */
export interface Difference {
  readonly base: StampBase;
  readonly result: StampResult;
  readonly patch: Patch;
}

/**
 * Finds what differs between two raw images of one length, by reading both once, and what differs once more.
 *
 * The runs begin and end with a byte that differs, and lie more than 32 bytes apart: they follow from the images alone.
 * Memory: a few MiB and the patch, which must fit into a stamp. Neither source may change on the way.
 * @throws StampFileError `STAMP_FILE_LENGTHS_DIFFER`, `STAMP_FILE_TOO_LARGE`; SourceError `SOURCE_CHANGED` and what
 * else the sources throw; the signal's reason.
 */
export async function diffSources(
  base: ByteSource,
  variant: ByteSource,
  options: DiffOptions = {},
): Promise<Difference> {
  checkLengths(base.length, variant.length);
  const { sha256 = false, onProgress, signal } = options;
  const differing = new DifferingExtents();
  const baseDigest = rawDigest(sha256);
  const resultDigest = rawDigest(sha256);
  signal?.throwIfAborted();
  for await (const window of bothWindows(base, variant, { offset: 0, length: base.length })) {
    signal?.throwIfAborted();
    differing.compare(window.offset, window.base, window.variant);
    baseDigest.update(window.base);
    resultDigest.update(window.variant);
    onProgress?.(window.offset + window.base.length);
  }
  const patch = await readRuns(base, variant, differing.extents);
  const difference = {
    base: { rawLength: base.length, ...baseDigest.finish() },
    result: resultDigest.finish(),
    patch,
  };
  // What was read twice may have changed in between.
  if (
    patchedCrc32(difference.base.rawCrc32, difference.base.rawLength, patch) !== difference.result.rawCrc32
  ) {
    throw new SourceError("SOURCE_CHANGED", "one of two images changed while they were compared");
  }
  return difference;
}

interface RawDigest {
  update(bytes: Uint8Array): void;
  finish(): StampResult;
}

function rawDigest(withSha256: boolean): RawDigest {
  const hash = withSha256 ? createHash("sha256") : undefined;
  let rawCrc32 = crc32.empty;
  return {
    update: (bytes) => {
      rawCrc32 = crc32.of(bytes, rawCrc32);
      hash?.update(bytes);
    },
    finish: () => ({ rawCrc32, ...(hash === undefined ? {} : { rawSha256: hash.digest("hex") }) }),
  };
}

function checkLengths(baseLength: number, variantLength: number): void {
  if (baseLength === variantLength) return;
  throw new StampFileError(
    "STAMP_FILE_LENGTHS_DIFFER",
    `a stamp keeps the image's length: the base has ${baseLength} bytes, the variant ${variantLength}`,
    { baseLength, variantLength },
  );
}
