import { crc32 } from "node:zlib";
import type { SyncByteSource } from "./byte-source.ts";
import { checkRange } from "./check-range.ts";
import type { Patch, PatchRun } from "./patch.ts";

/**
 * Takes writes over a source that stays as it is, and says which blocks came out different.
 *
 * Written blocks are kept in memory, one copy each. A block written with the bytes it had before is not a change.
 */
export class Overlay implements SyncByteSource {
  readonly length: number;
  readonly blockLength: number;
  readonly #base: SyncByteSource;
  readonly #blocks = new Map<number, Uint8Array>();

  /** `blockLength` is the granularity of copies and of changes, in bytes; the last block may be shorter. */
  constructor(base: SyncByteSource, blockLength = 4096) {
    this.#base = base;
    this.length = base.length;
    this.blockLength = blockLength;
  }

  readSync(offset: number, target: Uint8Array): void {
    checkRange(this.length, offset, target.length);
    if (this.#blocks.size === 0) return this.#base.readSync(offset, target);
    for (let done = 0; done < target.length;) {
      const { index, within, count } = this.#blockPart(offset + done, target.length - done);
      const block = this.#blocks.get(index);
      const part = target.subarray(done, done + count);
      if (block === undefined) this.#base.readSync(offset + done, part);
      else part.set(block.subarray(within, within + count));
      done += count;
    }
  }

  /** Copies `bytes` in at `offset`. */
  writeSync(offset: number, bytes: Uint8Array): void {
    checkRange(this.length, offset, bytes.length);
    for (let done = 0; done < bytes.length;) {
      const { index, within, count } = this.#blockPart(offset + done, bytes.length - done);
      this.#ownBlock(index).set(bytes.subarray(done, done + count), within);
      done += count;
    }
  }

  /**
   * The blocks whose bytes differ from the base, as a patch; neighbouring blocks come as one run.
   * @param shift added to every offset: where the overlaid source lies in the image.
   */
  changes(shift = 0): Patch {
    const indices = [...this.#blocks.keys()]
      .filter((index) => this.#differs(index))
      .toSorted((a, b) => a - b);
    const runs: PatchRun[] = [];
    for (let from = 0; from < indices.length;) {
      let to = from + 1;
      while (to < indices.length && indices[to] === (indices[to - 1] ?? 0) + 1) to++;
      runs.push(this.#run(indices.slice(from, to), shift));
      from = to;
    }
    return runs;
  }

  #run(indices: readonly number[], shift: number): PatchRun {
    const first = indices[0] ?? 0;
    const offset = first * this.blockLength;
    const length = indices.reduce((sum, index) => sum + (this.#blocks.get(index)?.length ?? 0), 0);
    const bytes = new Uint8Array(length);
    let replacedCrc32 = 0;
    for (const index of indices) {
      bytes.set(this.#blocks.get(index) ?? [], index * this.blockLength - offset);
      replacedCrc32 = crc32(this.#baseBlock(index), replacedCrc32);
    }
    return { offset: offset + shift, bytes, replacedCrc32 };
  }

  #differs(index: number): boolean {
    const block = this.#blocks.get(index);
    return block !== undefined && Buffer.compare(block, this.#baseBlock(index)) !== 0;
  }

  #ownBlock(index: number): Uint8Array {
    let block = this.#blocks.get(index);
    if (block === undefined) this.#blocks.set(index, (block = this.#baseBlock(index)));
    return block;
  }

  #baseBlock(index: number): Uint8Array {
    const offset = index * this.blockLength;
    const block = new Uint8Array(Math.min(this.blockLength, this.length - offset));
    this.#base.readSync(offset, block);
    return block;
  }

  #blockPart(offset: number, wanted: number): { index: number; within: number; count: number } {
    const index = Math.floor(offset / this.blockLength);
    const within = offset - index * this.blockLength;
    return { index, within, count: Math.min(wanted, this.blockLength - within) };
  }
}
