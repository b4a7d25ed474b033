import type { ByteSource } from "@bootstamp/byte-source";
import { readAhead, type Segment, segmentFault, type SegmentKind } from "@bootstamp/segment-map";
import { blockHeaderLength } from "./block.ts";
import { isFrame, isSkippable, maxHeaderLength, parseFrameHeader, skippableLength } from "./frame-header.ts";
import { maxFrameCount, maxFrameLength } from "./layout.ts";
import { withCheck } from "./list-segments.ts";
import { damaged } from "./map-fault.ts";
import type { SeekTable } from "./read-seek-table.ts";
import { layoutIfStored, storedBlockHeader, storedOffset } from "./stored-layout.ts";

/**
 * The segments of a file that another program made: the seek table's frames but those that come to nothing. Reads the
 * beginning of each frame, and of each block of those that seem to be stored.
 * @throws MapError `MAP_SEGMENT_DAMAGED`, `MAP_DAMAGED`.
 */
export async function findForeignSegments(packed: ByteSource, table: SeekTable): Promise<Segment[]> {
  const source = readAhead(packed);
  const segments: Segment[] = [];
  let rawOffset = 0;
  let packedOffset = 0;
  for (let index = 0; index < table.entryCount; index++) {
    const rawLength = table.rawLength(index);
    const packedLength = table.packedLength(index);
    const frame = { rawOffset, rawLength, packedOffset, packedLength };
    const beginning = await source.read(packedOffset, Math.min(maxHeaderLength, packedLength));
    if (rawLength === 0) checkNothing(frame, beginning);
    else {
      const kind = await kindOf(frame, beginning, source);
      segments.push(withCheck(table, index, { kind, ...frame }));
    }
    if (segments.length > maxFrameCount) throw damaged(`more than ${maxFrameCount} frames`);
    rawOffset += rawLength;
    packedOffset += packedLength;
  }
  return segments;
}

type ForeignFrame = Omit<Segment, "kind">;

/** A frame that comes to nothing is a skippable one of its length, or one whose blocks are empty. */
function checkNothing(frame: ForeignFrame, beginning: Uint8Array): void {
  if (isSkippable(beginning) && skippableLength(beginning) === frame.packedLength) return;
  if (isFrame(beginning) && (parseFrameHeader(frame, beginning).contentLength ?? 0) === 0) return;
  throw segmentFault(frame, "it is no frame that comes to nothing");
}

async function kindOf(frame: ForeignFrame, beginning: Uint8Array, source: ByteSource): Promise<SegmentKind> {
  const header = parseFrameHeader(frame, beginning);
  const { contentLength = frame.rawLength } = header;
  if (contentLength !== frame.rawLength) {
    throw segmentFault(frame, `it comes to ${contentLength} bytes, the seek table says ${frame.rawLength}`);
  }
  const layout = layoutIfStored(frame, header);
  // A longer one could be patched too; but all of it is read for that.
  if (layout === undefined || frame.rawLength > maxFrameLength) return "compressed";
  for (let offset = 0; offset < frame.rawLength; offset += layout.blockLength) {
    const at = frame.packedOffset + storedOffset(layout, offset) - blockHeaderLength;
    const expected = storedBlockHeader(layout, frame.rawLength, offset);
    if (Buffer.compare(await source.read(at, blockHeaderLength), expected) !== 0) return "compressed";
  }
  return "stored";
}
