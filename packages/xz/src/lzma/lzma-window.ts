import { CorruptData } from "../corrupt-data.ts";
import { giveBack, type LzmaModule, takeModule } from "./lzma-module.ts";
import type { Properties } from "./properties.ts";

const pageLength = 65_536;
/** An LZMA2 chunk holds so many raw bytes at most. */
const maxChunkLength: number = 2 << 20;
/** So many bytes are held even where the dictionary is shorter: a block of ours goes through without being moved. */
export const shortestWindow: number = 16 << 20;

/** What the decoder says of a chunk's code, by its number; the first is none. */
const faults = [
  undefined,
  "an LZMA chunk does not begin as one",
  "an LZMA chunk's code is too short for what it holds",
  "an LZMA match goes back further than there is anything, or beyond its chunk's end",
  "an LZMA chunk does not end where its code does",
] as const;

/**
 * The bytes of a block that were decoded last, as many as matches may refer to, with what LZMA has learnt from them.
 *
 * Its memory grows with what was really decoded, whatever a header claims, to half as much again as the dictionary, or
 * 16 MiB.
 */
export class LzmaWindow {
  readonly #module: LzmaModule;
  readonly #dictionaryLength: number;
  readonly #start: number;
  /** As far as it may grow. */
  readonly #mostEnd: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #end: number;
  /** Bytes since the dictionary was reset. */
  #position = 0;

  private constructor(module: LzmaModule, dictionaryLength: number) {
    this.#module = module;
    this.#dictionaryLength = dictionaryLength;
    this.#start = module.windowOffset();
    const most = Math.max(shortestWindow, Math.ceil(1.5 * dictionaryLength));
    this.#mostEnd = this.#start + most + maxChunkLength;
    this.#bytes = new Uint8Array(module.memory.buffer);
    this.#end = this.#start;
  }

  /** To be freed, by {@link LzmaWindow.free}. */
  static async open(dictionaryLength: number): Promise<LzmaWindow> {
    return new LzmaWindow(await takeModule(), dictionaryLength);
  }

  resetDictionary(): void {
    this.#position = 0;
  }

  /** Forgets all that was learnt, as a chunk may ask; with other properties, where it brings some. */
  reset(properties?: Properties): void {
    if (properties !== undefined) this.#module.setProperties(properties.lc, properties.lp, properties.pb);
    this.#module.reset();
  }

  /** Takes the bytes of an uncompressed chunk, and returns where they are now, until the next call. */
  store(bytes: Uint8Array): Uint8Array {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    return this.#extend(bytes.length);
  }

  /**
   * Decodes the code of an LZMA chunk, up to 64 KiB, to exactly `length` bytes, good until the next call.
   * @throws CorruptData.
   */
  decode(code: Uint8Array, length: number): Uint8Array {
    this.#makeRoom(length);
    this.#bytes.set(code, this.#module.inputOffset());
    const end = this.#end + length;
    const position = positionWithin32Bits(this.#position);
    const found = this.#module.decode(code.length, this.#end, end, position, this.#dictionaryLength);
    const fault = faults[found];
    if (fault !== undefined) throw new CorruptData(fault);
    return this.#extend(length);
  }

  /** Gives the memory back; the window is of no more use. */
  free(): void {
    giveBack(this.#module);
  }

  #extend(length: number): Uint8Array {
    const start = this.#end;
    this.#end += length;
    this.#position += length;
    return this.#bytes.subarray(start, this.#end);
  }

  #makeRoom(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    if (this.#end + length > this.#mostEnd) this.#slide();
    const wanted = Math.max(this.#end + length, Math.min(1.5 * this.#bytes.length, this.#mostEnd));
    const pages = Math.ceil((wanted - this.#bytes.length) / pageLength);
    if (pages > 0) this.#module.memory.grow(pages);
    this.#bytes = new Uint8Array(this.#module.memory.buffer);
  }

  /**
   * Moves what matches may refer to, to the front. By then as many bytes have gone by as half of it has: so each is
   * moved twice at most.
   */
  #slide(): void {
    const kept = Math.min(this.#position, this.#dictionaryLength, this.#end - this.#start);
    this.#bytes.copyWithin(this.#start, this.#end - kept, this.#end);
    this.#end = this.#start + kept;
  }
}

/** Further back than the longest dictionary it is all the same, but for the lowest four bits (see {@link Properties}). */
function positionWithin32Bits(position: number): number {
  return position < 2 ** 31 ? position : 2 ** 31 + (position % 16);
}
