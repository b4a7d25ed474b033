// The segments of a file that has no seek table, found by walking its frames.
import type { ByteSource } from "@bootstamp/byte-source";
import { type Segment, segmentFault, storableBlockLength } from "@bootstamp/segment-map";
import { measureFrame } from "./decompress.ts";
import type { FrameHeader } from "./frame-header.ts";
import { FrameWalker, type WalkedFrame } from "./frame-walker.ts";
import { maxFrameCount, maxFrameLength } from "./layout.ts";
import { damaged, inconsistent } from "./map-fault.ts";
import { hasOwnShape } from "./own-frame.ts";
import { maxEntryCount } from "./seek-table.ts";
import { layoutIfStored } from "./stored-layout.ts";

/**
 * Finds the segments of a file without a seek table: its frames but those that come to nothing. Reads all of the file.
 * A frame that has compressed blocks and does not say what it comes to, as `zstd` makes it of a pipe and `pzstd` of
 * anything, is decoded to find out, in bounded memory.
 * @throws MapError `MAP_SEGMENT_DAMAGED`; `MAP_MISSING`; `MAP_DAMAGED` for too many frames, `MAP_INCONSISTENT` for a file
 * of ours that was cut off.
 */
export async function findWalkedSegments(packed: ByteSource): Promise<Segment[]> {
  const walker = new FrameWalker(packed);
  const segments: Segment[] = [];
  const ours = new OwnFrames();
  let rawOffset = 0;
  let frameCount = 0;
  for (;;) {
    const frame = await walker.next(rawOffset);
    if (frame === undefined) break;
    if (++frameCount > maxEntryCount) throw damaged(`more than ${maxEntryCount} frames`);
    if (frame.isRecord) throw damaged("no seek table follows the record");
    if (frame.header === undefined) continue;
    const segment = await segmentOf(frame, frame.header, rawOffset, packed);
    ours.note(frame.header, segment.rawLength);
    rawOffset = segment.rawOffset + segment.rawLength;
    if (!Number.isSafeInteger(rawOffset)) throw damaged(`the frames come to ${rawOffset} bytes`);
    if (segment.rawLength > 0) segments.push(segment);
    if (segments.length > maxFrameCount) throw damaged(`more than ${maxFrameCount} frames`);
  }
  ours.check();
  return segments;
}

async function segmentOf(
  frame: WalkedFrame,
  header: FrameHeader,
  rawOffset: number,
  packed: ByteSource,
): Promise<Segment> {
  const { packedOffset, packedLength, isStored } = frame;
  const place = { rawOffset, packedOffset, packedLength };
  const rawLength = await rawLengthOf(frame, header, place, packed);
  const layout = isStored ? layoutIfStored({ rawLength, packedLength }, header) : undefined;
  // As where there is a seek table.
  const kind = layout !== undefined && rawLength <= maxFrameLength ? "stored" : "compressed";
  return { kind, rawLength, ...place };
}

/** Nothing is believed of a length that the blocks cannot come to: others take memory by it. */
async function rawLengthOf(
  { leastLength, mostLength }: WalkedFrame,
  { contentLength }: FrameHeader,
  place: Omit<Segment, "kind" | "rawLength">,
  packed: ByteSource,
): Promise<number> {
  if (contentLength !== undefined) {
    if (contentLength >= leastLength && contentLength <= mostLength) return contentLength;
    throw segmentFault(
      place,
      `its frame says ${contentLength} bytes, its blocks come to ${leastLength} at least and ${mostLength} at most`,
    );
  }
  if (leastLength === mostLength) return mostLength;
  return await measureFrame({ kind: "compressed", rawLength: mostLength, ...place }, packed);
}

/**
 * Tells a file of ours that was cut off between two frames, which then looks like another program's: it has frames such as
 * nobody else makes, or several that are all like ours, cut where we cut.
 */
class OwnFrames {
  #count = 0;
  #othersToo = false;
  #lastLength = 0;

  note(header: FrameHeader, rawLength: number): void {
    const shape = hasOwnShape(header);
    if (shape === "ours") throw cutOff();
    // Only at the image's end there are parts of a block.
    const isCutAsOurs = this.#lastLength % storableBlockLength === 0;
    if (shape === "other" || !isCutAsOurs) this.#othersToo = true;
    this.#lastLength = rawLength;
    this.#count++;
  }

  check(): void {
    if (this.#count > 1 && !this.#othersToo) throw cutOff();
  }
}

function cutOff(): Error {
  return inconsistent(
    "its frames are as bootstamp makes them, but no seek table follows: it was cut off. If another program made it so, pack it anew: zstd -dc FILE | zstd -o NEW.zst",
  );
}
