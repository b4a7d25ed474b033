import { overwritesWithin, type ByteSource, type Overwrite, type Patch } from "@bootstamp/byte-source";
import type { BaseIdentity, SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import {
  checkContent,
  checkSeals,
  compareBytes,
  crcAfter,
  knownCrcText,
  patchedSegments,
} from "./read-back.ts";
import { StampError } from "./stamp-error.ts";
import { crcText } from "@bootstamp/crc";

export interface VerifyRequest {
  /** Of the artifact; absent if it is a raw image. */
  readonly format?: StreamFormat;
  readonly artifact: ByteSource;
  /** What the artifact should be: this base with this patch in it. A stamp from a file is such. */
  readonly stamp: { readonly base: BaseIdentity; readonly patch: Patch };
}

/** What the artifact's format keeps of the whole, and so was compared. */
export interface Vouched {
  /** The base that it was pressed from. */
  readonly base: boolean;
  /** The CRC-32 of the raw image as it is now: without it, more may be changed than the stamp says. */
  readonly rawCrc32: boolean;
}

/**
 * Throws unless the artifact is the base with the stamp in it, as far as can be told by reading the map, what the stamp
 * touches, and the checksums that go with that.
 *
 * Its map must be of this base, where the format keeps that; the CRC-32 that it claims for the raw image must be the one
 * that base and stamp come to, where the format has one; the segments that the stamp touches must decode to its bytes,
 * with their checksums right. What lies elsewhere is not read: for that, decode it all. Of a raw image, the length
 * and the stamp's bytes are all that is compared. Where a stamp was spliced in, compressed segments are decoded too.
 * @throws StampError `STAMP_OTHER_BASE`, `STAMP_OTHER_VARIANT`; MapError if the artifact cannot be read.
 */
export async function verifyArtifact({ format, artifact, stamp }: VerifyRequest): Promise<Vouched> {
  try {
    if (format === undefined) return await verifyRaw(artifact, stamp);
    return await verifyPacked(format, artifact, stamp);
  } catch (error) {
    if (!(error instanceof StampError) || error.code !== "STAMP_VERIFY_FAILED") throw error;
    throw otherVariant(error.message, error);
  }
}

async function verifyRaw(artifact: ByteSource, { base, patch }: VerifyRequest["stamp"]): Promise<Vouched> {
  checkLength(base, artifact.length);
  for (const { offset, bytes } of patch) {
    for (let done = 0; done < bytes.length; done += windowLength) {
      const part = { offset: offset + done, bytes: bytes.subarray(done, done + windowLength) };
      compareBytes(await artifact.read(part.offset, part.bytes.length), part);
    }
  }
  return { base: false, rawCrc32: false };
}

const windowLength = 1 << 20;

async function verifyPacked(
  format: StreamFormat,
  artifact: ByteSource,
  { base, patch }: VerifyRequest["stamp"],
): Promise<Vouched> {
  const map = await format.readMap(artifact);
  checkLength(base, map.rawLength);
  if (map.base !== undefined && map.base.rawCrc32 !== base.rawCrc32) {
    throw otherBase(
      `CRC-32 ${crcText(base.rawCrc32)}`,
      `was pressed from one of ${crcText(map.base.rawCrc32)}`,
    );
  }
  if (map.rawCrc32 !== undefined) {
    const expected = crcAfter({ ...map, rawCrc32: base.rawCrc32 }, patch);
    if (map.rawCrc32 !== expected) {
      throw otherVariant(
        `it has CRC-32 ${knownCrcText(map.rawCrc32)} of its raw bytes, expected ${knownCrcText(expected)}`,
      );
    }
  }
  await checkContent(format, map, patch, artifact);
  await checkSeals(format, map, storedPart(map, patch), artifact);
  return { base: map.base !== undefined, rawCrc32: map.rawCrc32 !== undefined };
}

/** What of the patch lies in stored segments: of the others, decoding them has compared the checksums. */
function storedPart(map: SegmentMap, patch: Patch): Overwrite[] {
  const parts: Overwrite[] = [];
  for (const { kind, rawOffset, rawLength } of patchedSegments(map, patch)) {
    if (kind === "stored") parts.push(...overwritesWithin(patch, rawOffset, rawOffset + rawLength));
  }
  return parts;
}

function checkLength({ rawLength }: BaseIdentity, found: number): void {
  if (found !== rawLength) throw otherBase(`${rawLength} bytes`, `is an image of ${found}`);
}

function otherBase(expected: string, found: string): StampError {
  return new StampError("STAMP_OTHER_BASE", `the stamp is for a base of ${expected}, the file ${found}`);
}

function otherVariant(why: string, cause?: unknown): StampError {
  return new StampError(
    "STAMP_OTHER_VARIANT",
    `the file is not the base with this stamp: ${why}`,
    {},
    { cause },
  );
}
