// Thread of repack: decodes one segment, puts a patch into it, packs it anew, and writes what it comes to into the spool.
import { type Overwrite, overwritesWithin, writeAtSync } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { loadFormat, packPiece, sourceInThread, type SourceSetup, type SourceTask } from "@bootstamp/press";
import {
  checkReplaced,
  cutEvery,
  type EncodeSettings,
  isZeroRun,
  release,
  type Segment,
  type MapHead,
  type WrittenPiece,
} from "@bootstamp/segment-map";
import { type HaltFlag, throwIfHalted, worker, type Answer } from "@bootstamp/threads";
import { PartReader } from "./part-reader.ts";

export interface RepackSetup {
  readonly moduleUrl: string;
  readonly map: MapHead;
  readonly settings: EncodeSettings;
  readonly largestPiece: number;
  /** Descriptor of the spool. */
  readonly spool: number;
  /** Asked for each piece. */
  readonly halt: HaltFlag;
}

export interface RepackTask {
  readonly segment: Segment;
  /** Raw bytes of the pieces that it is cut into, the last of which may have fewer. */
  readonly pieceLength: number;
  /** What of the patch lies in the segment, by offset in the raw image. */
  readonly overwrites: readonly SegmentOverwrite[];
  /** Where in the spool the segment has its place, one piece behind the other. */
  readonly spoolOffset: number;
}

export interface SegmentOverwrite extends Overwrite {
  /** CRC-32 of what has to be there, where a run of the patch lies in this segment as a whole. */
  readonly replacedCrc32: number | undefined;
}

export interface Repacked {
  readonly pieces: readonly WrittenPiece[];
  /** CRC-32 of what each overwrite replaced. */
  readonly replacedCrcs: readonly number[];
}

const repackSegment: (task: SourceTask<RepackTask>) => Promise<Answer<Repacked>> = worker(
  async (setup: RepackSetup & SourceSetup) => {
    const packed = sourceInThread(setup);
    const format = await loadFormat(setup.moduleUrl);
    const encoder = await format.createEncoder(setup.settings);
    const buffer = new Uint8Array(setup.largestPiece);
    return async ({ task, shared }: SourceTask<RepackTask>): Promise<Repacked> => {
      const { segment } = task;
      const end = segment.rawOffset + segment.rawLength;
      const reader = new PartReader(format.decode(setup.map, segment, packed(shared)));
      const replacedCrcs = task.overwrites.map(() => crc32.empty);
      const pieces: WrittenPiece[] = [];
      let spoolOffset = task.spoolOffset;
      for (const piece of cutEvery({ ...segment, stored: false }, task.pieceLength)) {
        throwIfHalted(setup.halt);
        const raw = buffer.subarray(0, piece.rawLength);
        await reader.fill(raw);
        if (piece.rawOffset + piece.rawLength === end) await reader.finish();
        overwrite(raw, piece.rawOffset, task.overwrites, replacedCrcs);
        const zero = isZeroRun(raw);
        const { bytes, kind, note } = await packPiece(encoder, piece, raw, zero);
        writeAtSync(setup.spool, bytes, spoolOffset);
        const packedLength = bytes.length;
        release(bytes);
        spoolOffset += packedLength;
        pieces.push({
          piece,
          kind,
          packedLength,
          rawCrc32: zero ? crc32.zeros(raw.length) : crc32.of(raw),
          note,
        });
      }
      return { pieces, replacedCrcs };
    };
  },
);

export default repackSegment;

/**
 * Puts what lies in `raw`, which is at `rawOffset`, into it, and adds what it replaces to the CRCs. Refuses a patch for
 * another base before it is packed.
 */
function overwrite(
  raw: Uint8Array,
  rawOffset: number,
  overwrites: readonly SegmentOverwrite[],
  replacedCrcs: number[],
): void {
  for (const [index, one] of overwrites.entries()) {
    for (const { offset, bytes } of overwritesWithin([one], rawOffset, rawOffset + raw.length)) {
      const place = raw.subarray(offset - rawOffset, offset - rawOffset + bytes.length);
      replacedCrcs[index] = crc32.of(place, replacedCrcs[index]);
      place.set(bytes);
    }
    const ends = one.offset + one.bytes.length <= rawOffset + raw.length;
    const { replacedCrc32 } = one;
    if (ends && replacedCrc32 !== undefined)
      checkReplaced([{ ...one, replacedCrc32 }], [replacedCrcs[index] ?? crc32.empty]);
  }
}
