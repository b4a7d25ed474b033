// A deflate stream, RFC 1951 §3.2.3, inflated piece by piece, and stopped where a block begins: node:zlib does not
// tell where that is.
//
//   block   BFINAL (1 bit)  BTYPE (2 bits)  ...
//   BTYPE 0 stored: pad to a byte, LEN, NLEN, LEN bytes · 1 fixed codes · 2 dynamic codes
import { type BlockCodes, fixedCodes, longestHeader, readDynamicCodes } from "./code-lengths.ts";
import { createTable } from "./huffman-table.ts";
import { inflateSymbols, type InflateState, symbolMargin } from "./inflate-symbols.ts";

/** As far back as a match may reach. */
export const windowLength: number = 32 << 10;
/** Bytes of output between two that are handed out. */
const stretchLength: number = 256 << 10;
/** Bytes behind the end of the input that may be looked at. */
export const inputMargin: number = longestHeader + symbolMargin;

/** Why {@link BlockInflater.run} came back. */
export type InflateEvent =
  /** Bytes wait in {@link BlockInflater.takeOutput}. */
  | "output"
  /** More input is needed. */
  | "input"
  /** A block ended, and another begins. */
  | "block"
  /** The last block ended. */
  | "end";

/** A stream that no encoder makes. */
export class DeflateFault extends Error {}

/** Inflates one deflate stream. Input and output are its own memory. */
export class BlockInflater {
  readonly #dynamicCodes: BlockCodes = { literals: createTable(), distances: createTable() };
  readonly #state: InflateState;
  #inputEnd = 0;
  #isLast = false;
  #codes: BlockCodes | undefined;
  #storedLeft = 0;
  #isFinal = false;
  #handedOut = windowLength;

  constructor() {
    const out = new Uint8Array(windowLength + stretchLength);
    this.#state = {
      view: new DataView(new ArrayBuffer(0)),
      at: 0,
      to: windowLength,
      floor: windowLength,
      out,
    };
  }

  /** Begins a new stream; `window` is what came before it, if matches may reach there. */
  start(window: Uint8Array = new Uint8Array()): void {
    this.#state.to = windowLength;
    this.#handedOut = windowLength;
    this.#state.floor = windowLength - window.length;
    this.#state.out.set(window, this.#state.floor);
    this.#codes = undefined;
    this.#storedLeft = 0;
    this.#isFinal = false;
  }

  /**
   * Gives it the input from bit `at` of `bytes` on; what was not used of the former is to be in it again.
   * @param length of the input; {@link inputMargin} bytes more must be there, of any value.
   */
  setInput(bytes: Uint8Array, length: number, at: number, isLast: boolean): void {
    this.#state.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#state.at = at;
    this.#inputEnd = length;
    this.#isLast = isLast;
  }

  /** The next bit of the input. */
  get at(): number {
    return this.#state.at;
  }

  /** The bytes since the last call, which stay as they are until {@link BlockInflater.run} is called again. */
  takeOutput(): Uint8Array {
    const { out, to } = this.#state;
    const taken = out.subarray(this.#handedOut, to);
    this.#handedOut = to;
    return taken;
  }

  /** A copy of the last bytes of output, 32 KiB of them; zeros, where there are none. */
  window(): Uint8Array {
    const { out, to, floor } = this.#state;
    const window = new Uint8Array(windowLength);
    const from = Math.max(floor, to - windowLength);
    window.set(out.subarray(from, to), windowLength - (to - from));
    return window;
  }

  /** Goes on as far as input and room for output allow, or to the next block. @throws DeflateFault. */
  run(): InflateEvent {
    if (this.#handedOut === this.#state.to) this.#makeRoom();
    if (this.#codes === undefined && this.#storedLeft === 0) {
      if (this.#isFinal) return "end";
      if (!this.#readHeader()) return this.#needInput();
    }
    return this.#codes === undefined ? this.#runStored() : this.#runCodes(this.#codes);
  }

  /** Moves the window to the front, when the rest is full. */
  #makeRoom(): void {
    const state = this.#state;
    if (state.to < state.out.length - stretchLength / 2) return;
    const shift = state.to - windowLength;
    state.out.copyWithin(0, shift, state.to);
    state.to -= shift;
    this.#handedOut -= shift;
    state.floor = Math.max(0, state.floor - shift);
  }

  #needInput(): "input" {
    if (this.#isLast) throw new DeflateFault("it is cut off");
    return "input";
  }

  /** False where the header is not all there. */
  #readHeader(): boolean {
    const state = this.#state;
    if (!this.#isLast && state.at > (this.#inputEnd - inputMargin) * 8) return false;
    if (state.at + 3 > this.#inputEnd * 8) return false;
    const bits = state.view.getUint16(state.at >>> 3, true) >>> (state.at & 7);
    state.at += 3;
    this.#isFinal = (bits & 1) === 1;
    const type = (bits >>> 1) & 3;
    if (type === 0) this.#startStored();
    else if (type === 1) this.#codes = fixedCodes;
    else if (type === 2) this.#startDynamic();
    else throw new DeflateFault("a block has the type 3");
    this.#refuseOverrun();
    return true;
  }

  #startDynamic(): void {
    const end = readDynamicCodes(this.#dynamicCodes, this.#state.view, this.#state.at);
    if (typeof end === "string") throw new DeflateFault(end);
    this.#state.at = end;
    this.#codes = this.#dynamicCodes;
  }

  #startStored(): void {
    const state = this.#state;
    const offset = (state.at + 7) >>> 3;
    const length = state.view.getUint16(offset, true);
    if ((length ^ state.view.getUint16(offset + 2, true)) !== 0xffff)
      throw new DeflateFault("a stored block's length and its complement do not match");
    state.at = (offset + 4) * 8;
    this.#storedLeft = length;
  }

  /** The margin behind the input's end is not input. */
  #refuseOverrun(): void {
    if (this.#state.at > this.#inputEnd * 8) throw new DeflateFault("it is cut off");
  }

  #runCodes(codes: BlockCodes): InflateEvent {
    const atLimit = (this.#inputEnd - (this.#isLast ? 0 : symbolMargin)) * 8;
    const ended = inflateSymbols(this.#state, codes, atLimit);
    this.#refuseOverrun();
    if (ended === "bad code") throw new DeflateFault("a code stands for nothing");
    if (ended === "bad distance") throw new DeflateFault("a match reaches too far back");
    if (ended !== "end of block") return ended === "input" ? this.#needInput() : ended;
    this.#codes = undefined;
    return this.#isFinal ? "end" : "block";
  }

  #runStored(): InflateEvent {
    const state = this.#state;
    const from = state.at >>> 3;
    const room = state.out.length - state.to;
    const count = Math.min(this.#storedLeft, room, this.#inputEnd - from);
    state.out.set(new Uint8Array(state.view.buffer, state.view.byteOffset + from, count), state.to);
    state.to += count;
    state.at += count * 8;
    this.#storedLeft -= count;
    if (this.#storedLeft > 0) return count === room ? "output" : this.#needInput();
    return this.#isFinal ? "end" : "block";
  }
}
