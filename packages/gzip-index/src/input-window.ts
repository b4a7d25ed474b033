import type { ByteSource } from "@bootstamp/byte-source";
import { type BlockInflater, inputMargin } from "./block-inflater.ts";

const readLength: number = 512 << 10;

/** Feeds a {@link BlockInflater} from a file. */
export class InputWindow {
  readonly #packed: ByteSource;
  readonly #inflater: BlockInflater;
  /** Where the input that the inflater has begins in the file. */
  #offset = 0;
  #length = 0;
  #bytes: Uint8Array = new Uint8Array(inputMargin);

  constructor(packed: ByteSource, inflater: BlockInflater) {
    this.#packed = packed;
    this.#inflater = inflater;
  }

  /** The next bit of the file that the inflater will look at; offsets beyond 2^50 bytes are not told right. */
  get bit(): number {
    return this.#offset * 8 + this.#inflater.at;
  }

  /** Goes to a bit of the file. */
  async seek(bit: number): Promise<void> {
    const offset = Math.floor(bit / 8);
    const used = offset - this.#offset;
    if (used >= 0 && used <= this.#length) return this.#give(used, bit % 8);
    this.#bytes = new Uint8Array(inputMargin);
    this.#offset = offset;
    this.#length = 0;
    await this.#fill(bit % 8);
  }

  /** Gives the inflater what comes next, behind what it has not used yet. */
  async more(): Promise<void> {
    this.#drop(this.#inflater.at >>> 3);
    await this.#fill(this.#inflater.at & 7);
  }

  async #fill(at: number): Promise<void> {
    const from = this.#offset + this.#length;
    const count = Math.min(readLength, this.#packed.length - from);
    const bytes = new Uint8Array(this.#length + count + inputMargin);
    bytes.set(this.#bytes.subarray(0, this.#length));
    bytes.set(await this.#packed.read(from, count), this.#length);
    this.#bytes = bytes;
    this.#length += count;
    this.#give(0, at);
  }

  #drop(used: number): void {
    this.#bytes = this.#bytes.subarray(used);
    this.#offset += used;
    this.#length -= used;
  }

  #give(used: number, at: number): void {
    this.#drop(used);
    const isLast = this.#offset + this.#length === this.#packed.length;
    this.#inflater.setInput(this.#bytes, this.#length, at, isLast);
  }
}
