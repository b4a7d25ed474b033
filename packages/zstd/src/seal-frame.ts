import { crc32, crcText } from "@bootstamp/crc";
import { type PackedWrite, type PatchPart, type Segment, segmentFault } from "@bootstamp/segment-map";
import { blockHeaderLength } from "./block.ts";
import { frameChecksum } from "./own-frame.ts";
import { checkBlock, type StoredLayout, storedLayoutOf, storedOffset, storedParts } from "./stored-layout.ts";
import { viewOf } from "./view-of.ts";
import { type Checksum, checksumLength } from "./xxh64.ts";

export interface FrameToSeal {
  readonly segment: Segment;
  /** All of the segment's packed bytes, which are changed. */
  readonly frame: Uint8Array;
  readonly parts: readonly PatchPart[];
  /** CRC-32 of what each run of the patch replaces, as far as it has been seen; is continued. */
  readonly found: number[];
  readonly checksum: Checksum;
  /** What the seek table says that the frame's checksum is, if it says anything. */
  readonly claimed: number | undefined;
}

export interface SealedFrame {
  /** The parts' bytes, and the frame's checksum if it has one. */
  readonly writes: readonly PackedWrite[];
  /** The new checksum as files have it. */
  readonly digest: Uint8Array;
}

/**
 * Puts parts of a patch into the frame of a stored segment.
 * @throws MapError `MAP_SEGMENT_DAMAGED` if the frame's blocks or checksums are not right as they are.
 */
export function sealFrame({ segment, frame, parts, found, checksum, claimed }: FrameToSeal): SealedFrame {
  const layout = storedLayoutOf(segment, frame);
  const payloads = payloadsOf(segment, layout, frame);
  const before = checksum(...payloads);
  if (layout.hasChecksum) compareChecksum(segment, before, frameChecksum(frame), "frame");
  if (claimed !== undefined) compareChecksum(segment, before, claimed, "seek table");
  const writes: PackedWrite[] = [];
  for (const { run, offset, bytes } of parts) {
    for (const part of storedParts(layout, offset, bytes.length)) {
      const at = storedOffset(layout, part.offset);
      const after = bytes.subarray(part.offset - offset, part.offset - offset + part.length);
      found[run] = crc32.of(frame.subarray(at, at + part.length), found[run]);
      frame.set(after, at);
      writes.push({ offset: segment.packedOffset + at, bytes: after });
    }
  }
  const digest = new Uint8Array(checksumLength);
  viewOf(digest).setUint32(0, checksum(...payloads), true);
  const end = segment.packedOffset + segment.packedLength - checksumLength;
  return { writes: layout.hasChecksum ? [...writes, { offset: end, bytes: digest }] : writes, digest };
}

/** The raw bytes of each block, as views. */
export function payloadsOf(segment: Segment, layout: StoredLayout, frame: Uint8Array): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  for (const { offset, length } of storedParts(layout, 0, segment.rawLength)) {
    const at = storedOffset(layout, offset);
    checkBlock(segment, layout, offset, frame, at - blockHeaderLength);
    payloads.push(frame.subarray(at, at + length));
  }
  return payloads;
}

function compareChecksum(segment: Segment, got: number, expected: number, where: string): void {
  if (got === expected) return;
  throw segmentFault(segment, `it has checksum ${crcText(got)}, its ${where} says ${crcText(expected)}`);
}
