import type { EncodeSettings, Frame, FrameBuilder, StreamPlan, WrittenPiece } from "@bootstamp/segment-map";
import type { BlockNote } from "./block.ts";
import { type BlockRecord, encodeIndex } from "./container/block-index.ts";
import { encodeStreamFooter, encodeStreamHeader } from "./container/stream-ends.ts";
import { checkOf } from "./settings.ts";

/** See {@link StreamFormat.openFrame}. */
export function openFrame(plan: StreamPlan, settings: EncodeSettings): FrameBuilder<BlockNote> {
  const check = checkOf(settings);
  const records: BlockRecord[] = [];
  let rawEnd = 0;
  return {
    add: ({ piece, note }: WrittenPiece<BlockNote>): void => {
      if (piece.rawOffset !== rawEnd) {
        throw new Error(`internal error: piece at ${piece.rawOffset} added behind ${rawEnd}`);
      }
      rawEnd += piece.rawLength;
      records.push({ unpaddedLength: note.unpaddedLength, rawLength: piece.rawLength });
    },
    finish: (): Frame => {
      if (rawEnd !== plan.rawLength) {
        throw new Error(`internal error: frame finished at ${rawEnd} of ${plan.rawLength}`);
      }
      const index = encodeIndex(records);
      const footer = encodeStreamFooter(check, index.length);
      return { head: encodeStreamHeader(check), tail: new Uint8Array(Buffer.concat([index, footer])) };
    },
  };
}
