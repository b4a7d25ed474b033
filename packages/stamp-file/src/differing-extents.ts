import type { ByteSource } from "@bootstamp/byte-source";
import { maxBodyLength, maxRuns } from "./limits.ts";
import { StampFileError } from "./stamp-file-error.ts";

/** A run of raw bytes. */
export interface RawExtent {
  readonly offset: number;
  readonly length: number;
}

/**
 * Runs with no more equal bytes than this between them are one: a run takes some 7 bytes of a stamp that do not pack,
 * and some hundred of memory.
 */
export const joinedGap = 32;

/** Bytes that are compared at once, before the first that differs is looked for. */
const blockLength = 4096;

/** Collects where two raw images differ, window by window; windows come in ascending order and apart. */
export class DifferingExtents {
  readonly #extents: { readonly offset: number; length: number }[] = [];
  #total = 0;

  /** Compares two windows of one length, which begin at `offset`. @throws StampFileError `STAMP_FILE_TOO_LARGE`. */
  compare(offset: number, base: Uint8Array, variant: Uint8Array): void {
    if (Buffer.compare(base, variant) === 0) return;
    for (let at = 0; at < base.length; at += blockLength) {
      const [one, other] = [base.subarray(at, at + blockLength), variant.subarray(at, at + blockLength)];
      if (Buffer.compare(one, other) !== 0) this.#compareBlock(offset + at, one, other);
    }
  }

  /** In ascending order, more than {@link joinedGap} apart, each with a differing byte at both ends. */
  get extents(): readonly RawExtent[] {
    return this.#extents;
  }

  #compareBlock(offset: number, base: Uint8Array, variant: Uint8Array): void {
    for (let at = 0; at < base.length; at++) {
      if (base[at] !== variant[at]) this.#add(offset + at);
    }
    if (this.#total <= maxBodyLength && this.#extents.length <= maxRuns) return;
    throw new StampFileError(
      "STAMP_FILE_TOO_LARGE",
      `the images differ too much for a stamp: in ${this.#total} bytes of ${this.#extents.length} runs ` +
        `up to offset ${offset + base.length}, at most ${maxBodyLength} bytes of ${maxRuns} runs fit`,
      { bytes: this.#total, runs: this.#extents.length, limit: maxBodyLength },
    );
  }

  /** `offset` is beyond all that were added. */
  #add(offset: number): void {
    const last = this.#extents.at(-1);
    const gap = last === undefined ? Infinity : offset - last.offset - last.length;
    if (last === undefined || gap > joinedGap) {
      this.#extents.push({ offset, length: 1 });
      this.#total++;
    } else {
      last.length += gap + 1;
      this.#total += gap + 1;
    }
  }
}

/** Yields `extent` of both sources, in windows. */
export async function* bothWindows(
  base: ByteSource,
  variant: ByteSource,
  extent: RawExtent,
): AsyncGenerator<{ readonly offset: number; readonly base: Uint8Array; readonly variant: Uint8Array }> {
  const end = extent.offset + extent.length;
  for (let offset = extent.offset; offset < end; offset += windowLength) {
    const length = Math.min(windowLength, end - offset);
    const [one, other] = await Promise.all([base.read(offset, length), variant.read(offset, length)]);
    yield { offset, base: one, variant: other };
  }
}

export const windowLength: number = 1 << 20;
