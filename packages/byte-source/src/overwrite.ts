/** Bytes that stand in place of those which a file has at `offset`. A patch's runs and a seal's writes are such. */
export interface Overwrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** `RangeError` unless the overwrites are in ascending order, apart, and inside a file of `length` bytes. */
export function checkOverwrites(length: number, overwrites: readonly Overwrite[]): void {
  let end = 0;
  for (const { offset, bytes } of overwrites) {
    if (!Number.isSafeInteger(offset) || offset < end || bytes.length > length - offset) {
      throw new RangeError(
        `cannot overwrite ${bytes.length} bytes at offset ${offset}: ${end} to ${length} is free`,
      );
    }
    end = offset + bytes.length;
  }
}

/** The parts of checked overwrites that lie in `from..to`, in order; their bytes are views. Finds the first by halving. */
export function* overwritesWithin(
  overwrites: readonly Overwrite[],
  from: number,
  to: number,
): Generator<Overwrite> {
  for (let index = firstEndingAfter(overwrites, from); ; index++) {
    const overwrite = overwrites[index];
    if (overwrite === undefined || overwrite.offset >= to) return;
    const offset = Math.max(overwrite.offset, from);
    const bytes = overwrite.bytes.subarray(offset - overwrite.offset, to - overwrite.offset);
    if (bytes.length > 0) yield { offset, bytes };
  }
}

function firstEndingAfter(overwrites: readonly Overwrite[], offset: number): number {
  let low = 0;
  let high = overwrites.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { offset: start = 0, bytes } = overwrites[middle] ?? {};
    if (start + (bytes?.length ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
