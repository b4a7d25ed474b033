import type { ByteSource } from "@bootstamp/byte-source";
import { crc32, crc64nvme } from "@bootstamp/crc";
import type { Span } from "@bootstamp/part-plan";
import type { Extent, SegmentMap } from "@bootstamp/segment-map";

/** A stampable image, as far as artifacts are compared with it. */
export interface ComparedBase {
  readonly source: ByteSource;
  readonly map: SegmentMap;
  /** Of all its bytes. */
  readonly crc64nvme: bigint;
  readonly crc32: number | undefined;
}

/** What an artifact has in common with its base, and the checksums that it must have then. */
export interface Comparison {
  readonly spans: readonly Span[];
  readonly crc64nvme: bigint;
  readonly crc32: number | undefined;
}

const windowLength = 1 << 20;
const blockLength = 4096;

/**
 * Compares an artifact with the stampable image that it is a stamp of, in blocks of 4 KiB, where a stamp can differ:
 * reads nothing of what is compressed.
 *
 * Undefined if the artifact's CRC-64/NVME is not what follows from the differences that were found: then it is no
 * stamp of that image, and anything of it may differ.
 */
export async function compareWithBase(
  base: ComparedBase,
  artifact: ByteSource,
  expected: bigint,
  signal: AbortSignal,
): Promise<Comparison | undefined> {
  const { length } = base.source;
  if (artifact.length !== length) return undefined;
  const fresh: Extent[] = [];
  let long = base.crc64nvme;
  let short = base.crc32;
  for (const { offset, length: windowLengthHere } of windowsIn(base.map)) {
    signal.throwIfAborted();
    const [before, after] = await Promise.all([
      base.source.read(offset, windowLengthHere),
      artifact.read(offset, windowLengthHere),
    ]);
    for (const at of differences(before, after)) {
      const [old, now] = [before, after].map((bytes) => bytes.subarray(at, at + blockLength));
      if (old === undefined || now === undefined) continue;
      fresh.push({ offset: offset + at, length: now.length });
      const tailLength = length - offset - at - now.length;
      long = crc64nvme.patch(long, crc64nvme.of(old), crc64nvme.of(now), tailLength);
      if (short !== undefined) short = crc32.patch(short, crc32.of(old), crc32.of(now), tailLength);
    }
  }
  return long === expected ? { spans: spansAround(fresh, length), crc64nvme: long, crc32: short } : undefined;
}

/** What lies outside compressed segments: the stored ones, and all that a format has around its segments. */
function* windowsIn({ segments, packedLength }: SegmentMap): Generator<Extent> {
  let start = 0;
  for (const { kind, packedOffset, packedLength: length } of segments) {
    if (kind === "stored") continue;
    yield* cut(start, packedOffset);
    start = packedOffset + length;
  }
  yield* cut(start, packedLength);
}

function* cut(start: number, end: number): Generator<Extent> {
  for (let offset = start; offset < end; offset += windowLength)
    yield { offset, length: Math.min(windowLength, end - offset) };
}

/** Where blocks begin that differ. */
function* differences(before: Uint8Array, after: Uint8Array): Generator<number> {
  if (Buffer.compare(before, after) === 0) return;
  for (let at = 0; at < before.length; at += blockLength) {
    const end = at + blockLength;
    if (Buffer.compare(before.subarray(at, end), after.subarray(at, end)) !== 0) yield at;
  }
}

function spansAround(fresh: readonly Extent[], length: number): Span[] {
  const spans: Span[] = [];
  let done = 0;
  const share = (end: number): void => {
    if (end > done) spans.push({ kind: "shared", length: end - done, baseOffset: done });
  };
  for (const extent of fresh) {
    share(extent.offset);
    spans.push({ kind: "fresh", length: extent.length });
    done = extent.offset + extent.length;
  }
  share(length);
  return spans;
}
