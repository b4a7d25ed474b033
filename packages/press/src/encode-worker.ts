// Thread of pressImage: reads a piece of the base, packs it, and answers with the packed bytes and their checksums.
import { bulkCrc64nvme, crc32 } from "@bootstamp/crc";
import { type EncodeSettings, isZeroRun, type Piece, type SegmentKind } from "@bootstamp/segment-map";
import { worker, type Answer } from "@bootstamp/threads";
import { loadFormat } from "./load-format.ts";
import { packPiece } from "./pack-piece.ts";
import { sourceInThread } from "./source-in-thread.ts";
import type { SourceSetup, SourceTask } from "./source-threads.ts";

export interface EncodeSetup {
  readonly moduleUrl: string;
  readonly settings: EncodeSettings;
  readonly largestPiece: number;
}

export interface PackedPiece {
  readonly bytes: Uint8Array;
  readonly kind: SegmentKind;
  readonly note: unknown;
  readonly rawCrc32: number;
  readonly packedCrc64nvme: bigint;
}

const encodePiece: (task: SourceTask<Piece>) => Promise<Answer<PackedPiece>> = worker(
  async (setup: EncodeSetup & SourceSetup) => {
    const base = sourceInThread(setup);
    const format = await loadFormat(setup.moduleUrl);
    const encoder = await format.createEncoder(setup.settings);
    const packedChecksum = await bulkCrc64nvme();
    const buffer = new Uint8Array(setup.largestPiece);
    return async ({ task: piece, shared }: SourceTask<Piece>): Promise<PackedPiece> => {
      const raw = buffer.subarray(0, piece.rawLength);
      base(shared).readSync(piece.rawOffset, raw);
      const zero = !piece.stored && isZeroRun(raw);
      const { bytes, kind, note } = await packPiece(encoder, piece, raw, zero);
      // Only a buffer that holds nothing else can be given away.
      const alone = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
      const rawCrc32 = zero ? crc32.zeros(raw.length) : crc32.of(raw);
      return { bytes: alone, kind, note, rawCrc32, packedCrc64nvme: packedChecksum(alone) };
    };
  },
  ({ bytes }) => [bytes.buffer],
);

export default encodePiece;
