import type { EncodeSettings, SegmentMap } from "@bootstamp/segment-map";
import { maxWindowLog } from "./frame-header.ts";
import { maxFrameLength } from "./layout.ts";

/**
 * By level, the logarithms of how many places zstd's two tables have for inputs that are long enough: the first is
 * called chain, whatever it is, the other hash. zstd 1.5.7, lib/compress/clevels.h; 0 is no level.
 */
const chainLogs: readonly number[] = [
  0, 13, 15, 16, 18, 18, 18, 19, 19, 20, 21, 21, 22, 22, 22, 23, 22, 23, 23, 24, 25, 26, 27,
];
const hashLogs: readonly number[] = [
  0, 14, 16, 17, 18, 19, 19, 20, 20, 21, 22, 22, 23, 22, 23, 23, 22, 22, 22, 22, 23, 24, 25,
];
const placeLength = 4;
/** Blocks, sequences and statistics, and another 2^17 places for matches of three bytes. */
const workspaceLength: number = 6 << 20;
/** Parts and packed bytes of a frame that is decoded in windows, beside its own window. */
const besideWindow: number = 8 << 20;

/**
 * See {@link StreamFormat.encoderMemory}. Tables are no longer than twice the input. By the time that the frame is given
 * its header, and so is there twice, they are free again.
 */
export function encoderMemory({ level }: EncodeSettings, pieceLength: number): number {
  const longest = Math.ceil(Math.log2(Math.max(1, pieceLength))) + 1;
  const places = [chainLogs, hashLogs].map((logs) => 2 ** Math.min(logs[level] ?? longest, longest));
  const tables = placeLength * places.reduce((sum, count) => sum + count, 0);
  return tables + workspaceLength + pieceLength;
}

/** See {@link StreamFormat.decoderMemory}. A frame is held whole, and decoded in parts that are joined; or in windows. */
export function decoderMemory({ segments }: SegmentMap): number {
  let most = 0;
  for (const { rawLength, packedLength } of segments) {
    const inWindows = Math.max(rawLength, packedLength / 2) > maxFrameLength;
    const needed = inWindows ? 2 ** maxWindowLog + besideWindow : packedLength + 2 * rawLength;
    most = Math.max(most, needed);
  }
  return most;
}
