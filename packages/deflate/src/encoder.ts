// The encoder itself is WebAssembly, made of what is in ../assembly. Here are its bounds, and bytes in and out.
import { effortOf } from "./effort.ts";
import { encoderCode } from "./encoder-code.ts";

/** Raw bytes that are deflated at once, at most. */
export const maxRawLength: number = 1 << 20;

/** What the packed bytes depend on beside the level: a new one for every change that changes them. */
export const encoderVersion = "1";

/**
 * Deflates `raw`, 1 to {@link maxRawLength} bytes, alone, and closes it with a full flush (an empty stored block): no
 * block is final, the result ends on a byte, and anything can follow. The result is the caller's, with a buffer of its own.
 * @throws RangeError for another number of bytes.
 */
export type Deflate = (raw: Uint8Array) => Uint8Array<ArrayBuffer>;

/** What the encoder exports. */
interface EncoderExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  rawOffset(): number;
  packedOffset(): number;
  deflate(length: number, depth: number, lazyBelow: number, enough: number): number;
}

/** The part of the standard's `WebAssembly` that is needed; Node's types have none of it. */
declare const WebAssembly: {
  instantiate(code: Uint8Array): Promise<{ instance: { exports: EncoderExports } }>;
};

/**
 * Makes an encoder. The same bytes in, level and {@link encoderVersion} give the same bytes out, on every machine and
 * whatever was deflated before.
 * @throws RangeError unless `level` is an integer from 1 to 9.
 */
export async function openEncoder(level: number): Promise<Deflate> {
  const { depth, lazyBelow, enough } = effortOf(level);
  const { instance } = await WebAssembly.instantiate(Buffer.from(encoderCode, "base64"));
  const encoder = instance.exports;
  // The memory never grows, so that one view of it stays good.
  const bytes = new Uint8Array(encoder.memory.buffer);
  const rawAt = encoder.rawOffset();
  const packedAt = encoder.packedOffset();
  return (raw) => {
    if (raw.length < 1 || raw.length > maxRawLength) {
      throw new RangeError(`${raw.length} bytes to deflate: expected 1 to ${maxRawLength}`);
    }
    bytes.set(raw, rawAt);
    const packedLength = encoder.deflate(raw.length, depth, lazyBelow, enough);
    return bytes.slice(packedAt, packedAt + packedLength);
  };
}
