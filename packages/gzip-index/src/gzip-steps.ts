import { crc32 } from "node:zlib";
import type { ByteSource } from "@bootstamp/byte-source";
import { BlockInflater, DeflateFault } from "./block-inflater.ts";
import { streamFault } from "./gzip-index-error.ts";
import { InputWindow } from "./input-window.ts";
import { memberData, skipZeros, trailerLength } from "./member-header.ts";

/** Where inflating may begin. */
export interface StartPoint {
  /** The first bit of a block. */
  readonly packedBit: number;
  /** What came before it, if its matches may reach there. */
  readonly window: Uint8Array | undefined;
}

/** What inflating a file comes upon, in order. */
export type GzipStep =
  /** Raw bytes, which stay as they are until the next step is asked for. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** A block begins at this bit of the file; all bytes before it were given. `window` copies the last 32 KiB. */
  | { readonly kind: "block"; readonly packedBit: number; readonly window: () => Uint8Array }
  /** A further member's deflate stream begins at this bit of the file. */
  | { readonly kind: "member"; readonly packedBit: number }
  /** There are no more members; what is behind `packedEnd` are zeros, or bytes that are no member. */
  | { readonly kind: "end"; readonly packedEnd: number; readonly trailing: "nothing" | "zeros" | "garbage" };

/**
 * Inflates a .gz from a point on, through all members, and says where blocks begin.
 *
 * Zeros between members and behind the last are passed over, as tapes leave them; anything else behind a member is the
 * end. Members that are inflated from their first byte on have their CRC-32 and length checked.
 * @param isFirst whether the point is where a member begins.
 * @throws GzipIndexError `GZINDEX_STREAM_DAMAGED`.
 */
export async function* gzipSteps(
  packed: ByteSource,
  start: StartPoint,
  isFirst: boolean,
): AsyncGenerator<GzipStep, void, undefined> {
  const inflater = new BlockInflater();
  const input = new InputWindow(packed, inflater);
  let isWhole = isFirst;
  inflater.start(start.window);
  await input.seek(start.packedBit);
  for (;;) {
    const sum = yield* memberSteps(inflater, input);
    const trailer = Math.ceil(input.bit / 8);
    await checkTrailer(packed, trailer, isWhole ? sum : undefined);
    const packedEnd = trailer + trailerLength;
    const next = await skipZeros(packed, packedEnd);
    const data = next < packed.length ? await memberData(packed, next) : undefined;
    if (data === undefined) {
      const zeros = packedEnd < packed.length ? "zeros" : "nothing";
      return yield { kind: "end", packedEnd, trailing: next < packed.length ? "garbage" : zeros };
    }
    yield { kind: "member", packedBit: data * 8 };
    isWhole = true;
    inflater.start();
    await input.seek(data * 8);
  }
}

/** The CRC-32 and the length of raw bytes. */
interface RawSum {
  readonly crc32: number;
  readonly length: number;
}

async function* memberSteps(
  inflater: BlockInflater,
  input: InputWindow,
): AsyncGenerator<GzipStep, RawSum, undefined> {
  let sum: RawSum = { crc32: 0, length: 0 };
  for (;;) {
    const event = runAt(inflater, input);
    const bytes = inflater.takeOutput();
    if (bytes.length > 0) {
      sum = { crc32: crc32(bytes, sum.crc32), length: sum.length + bytes.length };
      yield { kind: "bytes", bytes };
    }
    if (event === "end") return sum;
    if (event === "block") yield { kind: "block", packedBit: input.bit, window: () => inflater.window() };
    if (event === "input") await input.more();
  }
}

function runAt(inflater: BlockInflater, input: InputWindow): ReturnType<BlockInflater["run"]> {
  try {
    return inflater.run();
  } catch (error) {
    if (!(error instanceof DeflateFault)) throw error;
    throw streamFault(Math.floor(input.bit / 8), error.message);
  }
}

async function checkTrailer(packed: ByteSource, offset: number, sum: RawSum | undefined): Promise<void> {
  if (offset > packed.length - trailerLength) throw streamFault(offset, "its trailer is cut off");
  if (sum === undefined) return;
  const bytes = await packed.read(offset, trailerLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [expected, length] = [view.getUint32(0, true), view.getUint32(4, true)];
  if (sum.crc32 !== expected)
    throw streamFault(offset, `its bytes have the CRC-32 ${hex(sum.crc32)}, expected ${hex(expected)}`);
  if (sum.length % 2 ** 32 !== length)
    throw streamFault(offset, `it has ${sum.length} bytes, its trailer says ${length} modulo 2^32`);
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}
