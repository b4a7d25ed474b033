// Variable-length integers. xz file format §1.2.
//
//   1xxxxxxx 1xxxxxxx ... 0xxxxxxx     7 bits a byte, the lowest first; at most 9 bytes; no zero byte at the end

const maxLength = 9;

/** Appends `value`, a safe integer from 0. */
export function pushVli(target: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) target.push(128 + (rest % 128));
  target.push(rest);
}

/** What {@link readVli} found: `end` is the offset behind it. */
export interface Vli {
  readonly value: number;
  readonly end: number;
}

/** Reads the integer at `offset`; undefined where the bytes end, it is not in its shortest form, or beyond 2^53. */
export function readVli(bytes: Uint8Array, offset: number): Vli | undefined {
  let value = 0;
  let unit = 1;
  for (let at = offset; at < Math.min(bytes.length, offset + maxLength); at++, unit *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte % 128) * unit;
    if (byte >= 128) continue;
    const shortest = byte !== 0 || at === offset;
    return shortest && Number.isSafeInteger(value) ? { value, end: at + 1 } : undefined;
  }
  return undefined;
}
