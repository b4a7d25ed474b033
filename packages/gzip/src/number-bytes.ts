import { damaged } from "./map-fault.ts";

/** Appends `value`, a safe integer from 0, as `width` bytes, the lowest first. */
export function pushUint(target: number[], value: number, width: number): void {
  let rest = value;
  for (let index = 0; index < width; index++) {
    target.push(rest % 256);
    rest = Math.floor(rest / 256);
  }
}

/** Appends `value`, a safe integer from 0, as LEB128: seven bits a byte, the lowest first, bit 7 set but in the last. */
export function pushVarint(target: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) target.push(128 + (rest % 128));
  target.push(rest);
}

/** Reads numbers one after another. @throws MapError `MAP_DAMAGED` where the bytes end or a number is not safe. */
export class NumberReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Uint8Array {
    if (length > this.rest) throw damaged(`it ends within a field at byte ${this.#at}`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint(width: number): number {
    return checked(this.take(width).reduceRight((value, byte) => value * 256 + byte, 0));
  }

  varint(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.uint(1);
      value = checked(value + (byte % 128) * unit);
      if (byte < 128) return value;
    }
  }
}

function checked(value: number): number {
  if (!Number.isSafeInteger(value)) throw damaged("a number in it is beyond 2^53");
  return value;
}
