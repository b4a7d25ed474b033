import type { BlockHasher } from "./block-hasher.ts";
import type { TreeShape } from "./tree-shape.ts";

interface Level {
  readonly block: Uint8Array;
  used: number;
}

/**
 * Takes hashes in order and folds them some times over: each fold makes one hash of as many as fit into a block.
 * Memory is one block a fold, and what comes out.
 */
export class HashFolder {
  readonly #hasher: BlockHasher;
  readonly #levels: readonly Level[];
  readonly #folded: Uint8Array;
  #length = 0;

  /** @param count how many hashes will be added. */
  constructor({ arity, settings }: TreeShape, hasher: BlockHasher, folds: number, count: number) {
    const { blockLength, digestLength } = settings;
    this.#hasher = hasher;
    this.#levels = Array.from({ length: folds }, () => ({ block: new Uint8Array(blockLength), used: 0 }));
    this.#folded = new Uint8Array(Math.ceil(count / arity ** folds) * digestLength);
  }

  add(hash: Uint8Array): void {
    this.#push(0, hash);
  }

  /** The folded hashes, one after another: also those of blocks that are not full. To be called once. */
  finish(): Uint8Array {
    for (const [index, level] of this.#levels.entries()) if (level.used > 0) this.#close(index, level);
    return this.#folded;
  }

  #push(index: number, hash: Uint8Array): void {
    const level = this.#levels[index];
    if (level === undefined) {
      this.#folded.set(hash, this.#length);
      this.#length += hash.length;
      return;
    }
    level.block.set(hash, level.used);
    level.used += hash.length;
    if (level.used === level.block.length) this.#close(index, level);
  }

  #close(index: number, level: Level): void {
    level.block.fill(0, level.used);
    level.used = 0;
    this.#push(index + 1, this.#hasher(level.block));
  }
}

/** Folds hashes, which stand one after another, once. */
export function foldOnce(shape: TreeShape, hasher: BlockHasher, hashes: Uint8Array): Uint8Array {
  const { digestLength } = shape.settings;
  const folder = new HashFolder(shape, hasher, 1, hashes.length / digestLength);
  for (let at = 0; at < hashes.length; at += digestLength) folder.add(hashes.subarray(at, at + digestLength));
  return folder.finish();
}
