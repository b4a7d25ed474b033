import type { ByteSource } from "@bootstamp/byte-source";
import { diffExtents, type Difference, type StampBase } from "@bootstamp/stamp-file";
import { CowError } from "./cow-error.ts";
import type { ScratchFile } from "./scratch-file.ts";
import { blockLength } from "./scratch-head.ts";
import { Turns } from "./turns.ts";
import { type WrittenRun, writtenRuns } from "./written-runs.ts";

/** A run of the image. A hole takes no room where the base is kept; `zero` bytes read as zero. */
export interface ImageExtent {
  readonly length: number;
  readonly hole: boolean;
  readonly zero: boolean;
}

/** Tells what of a range of the base is zeros, in order and from its beginning; may stop early. */
export type BaseExtents = (
  offset: number,
  length: number,
) => Iterable<ImageExtent> | AsyncIterable<ImageExtent>;

/**
 * 32 MiB. A stamp has room for twice as much, however the blocks lie; but to make one of 62 MiB took 447 MiB of memory
 * (measured), and no command may take more than 400.
 */
export const mostBlocks: number = (32 << 20) / blockLength;

/** Written at once, so that a long write holds no more memory. */
const pieceLength = 1 << 20;
/** Blocks that have what the base has are looked for again when so many were written since. */
const blocksBetweenSearches = 1024;

/** A base with what was written over it, which is no more than a stamp is made of. Calls may be under way side by side. */
export class CowImage implements ByteSource {
  readonly length: number;
  readonly #base: ByteSource;
  readonly #scratch: ScratchFile;
  readonly #turns = new Turns();
  #sinceSearch = blocksBetweenSearches;

  constructor(base: ByteSource, scratch: ScratchFile) {
    this.#base = base;
    this.#scratch = scratch;
    this.length = base.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const target = new Uint8Array(length);
    for (const run of this.#runs(offset, length)) {
      const end = run.offset + run.length;
      for (let at = run.offset; at < end;) {
        const written = run.written ? await this.#readWritten(at, end - at) : undefined;
        const inBlock = blockLength - (at % blockLength);
        const bytes =
          written ?? (await this.#base.read(at, run.written ? Math.min(inBlock, end - at) : end - at));
        target.set(bytes, at - offset);
        at += bytes.length;
      }
    }
    return target;
  }

  /** Writes into the scratch file. @throws CowError `COW_FULL`, a part perhaps being written; the system's errors. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#turns.take(async () => await this.#writePieces(offset, bytes));
  }

  /** Makes a range read as zeros, without taking room for what does so already. @throws as {@link write}. */
  async writeZeroes(offset: number, length: number, base?: BaseExtents): Promise<void> {
    let at = offset;
    for await (const run of this.extents(offset, length, base)) {
      if (!run.zero) await this.#zero(at, run.length);
      at += run.length;
    }
    await this.#zero(at, offset + length - at);
  }

  /** Gives back the room of blocks that lie in the range as a whole: they read as the base's again. */
  async trim(offset: number, length: number): Promise<void> {
    await this.#turns.take(async () => {
      const first = Math.ceil(offset / blockLength);
      const end = offset + length === this.length ? Infinity : Math.floor((offset + length) / blockLength);
      for (const block of this.#scratch.blocks) if (block >= first && block < end) this.#scratch.drop(block);
    });
  }

  /** Resolves when all that was written before survives a crash: opening the stamp again goes on with it. */
  async flush(): Promise<void> {
    await this.#turns.take(async () => await this.#scratch.sync());
  }

  /** What the base tells of a range, but for what was written. May stop early. */
  async *extents(offset: number, length: number, base?: BaseExtents): AsyncGenerator<ImageExtent> {
    for (const run of this.#runs(offset, length)) {
      if (run.written || base === undefined) {
        yield { length: run.length, hole: false, zero: false };
        continue;
      }
      let left = run.length;
      for await (const { length: told, hole, zero } of base(run.offset, run.length)) {
        const part = Math.min(left, told);
        if (part > 0) yield { length: part, hole, zero };
        left -= part;
      }
      if (left > 0) return;
    }
  }

  /** What differs from the base by now. @param known the base's identity, which is taken at its word. */
  async difference(known: StampBase): Promise<Difference> {
    return await this.#turns.take(async () => {
      const written = [...this.#runs(0, this.length)].filter((run) => run.written);
      return await diffExtents(this.#base, this, known, written);
    });
  }

  async #zero(offset: number, length: number): Promise<void> {
    for (let done = 0; done < length;) {
      const at = offset + done;
      const count = Math.min(length - done, pieceLength - (at % pieceLength));
      await this.#turns.take(async () => await this.#zeroPiece(at, await this.read(at, count)));
      done += count;
    }
  }

  /** Block by block: so that zeros among others take no room. */
  async #zeroPiece(offset: number, bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const to = Math.min(bytes.length, from + blockLength - ((offset + from) % blockLength));
      const part = bytes.subarray(from, to);
      if (part.some((byte) => byte !== 0)) await this.#writePieces(offset + from, part.fill(0));
      from = to;
    }
  }

  async #writePieces(offset: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const at = offset + done;
      const piece = bytes.subarray(done, done + pieceLength - (at % pieceLength));
      await this.#writeBlocks(at, piece);
      done += piece.length;
    }
  }

  async #writeBlocks(offset: number, bytes: Uint8Array): Promise<void> {
    const first = Math.floor(offset / blockLength);
    const end = offset + bytes.length;
    const last = Math.ceil(end / blockLength) - 1;
    await this.#makeRoom(first, last);
    const start = first * blockLength;
    const blocks = new Uint8Array((last + 1) * blockLength - start);
    // What a write does not have of its first and its last block stays as it is.
    if (offset > start) blocks.set(await this.#readBlock(first));
    const endsInside = end < Math.min((last + 1) * blockLength, this.length);
    if (endsInside && (last > first || offset === start))
      blocks.set(await this.#readBlock(last), last * blockLength - start);
    blocks.set(bytes, offset - start);
    await this.#scratch.write(first, blocks);
    this.#sinceSearch += last - first + 1;
  }

  async #readBlock(block: number): Promise<Uint8Array> {
    const offset = block * blockLength;
    return await this.read(offset, Math.min(blockLength, this.length - offset));
  }

  async #makeRoom(first: number, last: number): Promise<void> {
    const lacks = (): boolean => {
      let fresh = 0;
      for (let block = first; block <= last; block++) if (!this.#scratch.has(block)) fresh++;
      return fresh > this.#scratch.room;
    };
    if (!lacks()) return;
    if (this.#sinceSearch >= blocksBetweenSearches) await this.#dropUnchanged();
    await this.#scratch.sync();
    if (!lacks()) return;
    const blocks = this.#scratch.blocks.length;
    const limit = this.#scratch.head.slots;
    throw new CowError(
      "COW_FULL",
      `${blocks} blocks of ${blockLength} bytes were written over the image, of ${limit} that one stamp is made of`,
      { blocks, limit },
    );
  }

  /** Drops blocks that were written with what the base has there. */
  async #dropUnchanged(): Promise<void> {
    this.#sinceSearch = 0;
    for (const block of this.#scratch.blocks) {
      const bytes = await this.#readBlock(block);
      const base = await this.#base.read(block * blockLength, bytes.length);
      if (Buffer.compare(bytes, base) === 0) this.#scratch.drop(block);
    }
  }

  /** From a block that is there, up to the first that lies elsewhere; undefined if it was dropped meanwhile. */
  async #readWritten(offset: number, length: number): Promise<Uint8Array | undefined> {
    const within = offset % blockLength;
    const count = Math.ceil((within + length) / blockLength);
    const bytes = await this.#scratch.read((offset - within) / blockLength, count);
    return bytes?.subarray(within, within + length);
  }

  #runs(offset: number, length: number): Generator<WrittenRun> {
    return writtenRuns(this.#scratch.blocks, blockLength, { offset, length });
  }
}
