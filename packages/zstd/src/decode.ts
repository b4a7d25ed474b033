import type { ByteSource } from "@bootstamp/byte-source";
import { type Segment, type SegmentMap, segmentIndexAt } from "@bootstamp/segment-map";
import { decompressInWindows, decompressWhole } from "./decompress.ts";
import { maxHeaderLength, parseFrameHeader } from "./frame-header.ts";
import { maxFrameLength } from "./layout.ts";
import { hex } from "./map-fault.ts";
import { frameChecksum } from "./own-frame.ts";
import { isOwn, ownChecksumOffset } from "./own-table.ts";
import { segmentFault } from "./segment-fault.ts";
import { viewOf } from "./view-of.ts";
import { checksumLength } from "./xxh64.ts";

/**
 * See {@link StreamFormat.decode}. Every segment up to 16 MiB, and so every one of ours, comes as one part, whose
 * checksum has been compared. Longer ones come in parts, and their checksum is compared behind the last one.
 */
export async function* decode(
  map: SegmentMap,
  segment: Segment,
  packed: ByteSource,
): AsyncGenerator<Uint8Array> {
  for await (const part of decompressSegment(map, segment, packed)) {
    // Who knows the map need not decode such a segment, and must not see other bytes than who does.
    if (segment.kind === "zero" && !isZeroRun(part))
      throw segmentFault(segment, "it has other bytes than zeros");
    yield part;
  }
}

async function* decompressSegment(
  map: SegmentMap,
  segment: Segment,
  packed: ByteSource,
): AsyncGenerator<Uint8Array> {
  const { packedOffset, rawLength, packedLength } = segment;
  if (Math.max(rawLength, packedLength / 2) > maxFrameLength) {
    const beginning = await packed.read(packedOffset, Math.min(maxHeaderLength, packedLength));
    checkContentLength(segment, beginning);
    yield* decompressInWindows(segment, packed);
    return;
  }
  const frame = await packed.read(packedOffset, packedLength);
  checkContentLength(segment, frame);
  if (isOwn(map)) await checkAgainstTable(map, segment, frame, packed);
  yield decompressWhole(segment, frame);
}

function checkContentLength(segment: Segment, beginning: Uint8Array): void {
  const { contentLength } = parseFrameHeader(segment, beginning);
  if ((contentLength ?? segment.rawLength) === segment.rawLength) return;
  throw segmentFault(segment, `its frame says ${contentLength} bytes, the seek table ${segment.rawLength}`);
}

/** Readers of the seek table may check that its checksum is the frame's. The frame's own is checked in decompressing. */
async function checkAgainstTable(
  map: SegmentMap,
  segment: Segment,
  frame: Uint8Array,
  packed: ByteSource,
): Promise<void> {
  const offset = ownChecksumOffset(map, segmentIndexAt(map, segment.rawOffset));
  const expected = viewOf(await packed.read(offset, checksumLength)).getUint32(0, true);
  const got = frameChecksum(frame);
  if (got === expected) return;
  throw segmentFault(
    segment,
    `its frame ends with checksum ${hex(got)}, the seek table has ${hex(expected)}`,
  );
}

/** By comparing it with itself, one byte on. */
function isZeroRun(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && Buffer.compare(bytes.subarray(1), bytes.subarray(0, -1)) === 0;
}
