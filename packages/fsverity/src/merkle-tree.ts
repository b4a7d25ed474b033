import { checkOverwrites, overwrittenSource, type ByteSource, type Overwrite } from "@bootstamp/byte-source";
import { blockHasher, type BlockHasher } from "./block-hasher.ts";
import { digestOfRoot } from "./descriptor.ts";
import { foldOnce } from "./hash-folder.ts";
import { hashRange } from "./hash-range.ts";
import { changedAbove, coarserRanges, type ChangedHashes, type IndexRange } from "./patched-level.ts";
import { levelWithin, treeShape, type TreeShape } from "./tree-shape.ts";
import { settleVerity, type VerityChoice } from "./verity-settings.ts";

export interface TreeOptions extends VerityChoice {
  /**
   * Bytes that the kept hashes may come to, about. The lowest level that fits is kept, and all above it: to work out a
   * patched digest, as much of the file is hashed again as one of its hashes stands for. Default: 32 MiB, which is
   * enough for one hash a block of 4 GiB.
   */
  readonly memoryLength?: number;
  /** Told how many bytes have been hashed. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

const defaultMemoryLength = 32 << 20;

/** The Merkle tree of a file, less its lowest levels if they are too large to keep. */
export class MerkleTree {
  /** The fs-verity digest of the file, in hex: what `fsverity digest` prints behind the algorithm's name. */
  readonly digest: string;
  readonly #shape: TreeShape;
  readonly #hasher: BlockHasher;
  readonly #lowest: number;
  /** From the lowest that is kept to the root's, the hashes of each one after another. */
  readonly #levels: readonly Uint8Array[];

  private constructor(shape: TreeShape, hasher: BlockHasher, lowest: number, hashes: Uint8Array) {
    const levels = [hashes];
    for (let level = lowest; level < shape.rootLevel; level++) {
      levels.push(foldOnce(shape, hasher, levels.at(-1) ?? hashes));
    }
    this.#shape = shape;
    this.#hasher = hasher;
    this.#lowest = lowest;
    this.#levels = levels;
    this.digest = digestOfRoot(shape.settings, shape.length, levels.at(-1) ?? hashes);
  }

  /**
   * Hashes a file once from its start to its end. Hashes in this thread.
   * @throws VerityError `VERITY_SETTING`; what the source throws; the signal's reason.
   */
  static async of(source: ByteSource, options: TreeOptions = {}): Promise<MerkleTree> {
    const { memoryLength = defaultMemoryLength, onProgress, signal, ...choice } = options;
    const settings = settleVerity(choice);
    const shape = treeShape(settings, source.length);
    const hasher = blockHasher(settings);
    const folds = levelWithin(shape, memoryLength);
    const whole = { from: 0, to: shape.blockCount, folds };
    signal?.throwIfAborted();
    const hashes = await hashRange(shape, hasher, source, whole, (done) => {
      signal?.throwIfAborted();
      onProgress?.(done);
    });
    return new MerkleTree(shape, hasher, folds, hashes);
  }

  /**
   * The digest, in hex, of the file with some bytes overwritten. Costs O(overwritten bytes + overwrites * log length),
   * where each overwrite counts for as many bytes as one kept hash stands for; see {@link TreeOptions.memoryLength}.
   * @param overwrites in ascending order, apart, and inside the file, else `RangeError`.
   * @param base the file that the tree is of, without the overwrites.
   * @throws what the source throws.
   */
  async patched(overwrites: readonly Overwrite[], base: ByteSource): Promise<string> {
    const { settings, length } = this.#shape;
    if (base.length !== length)
      throw new RangeError(`the tree is of ${length} bytes, the file has ${base.length}`);
    checkOverwrites(length, overwrites);
    const source = overwrittenSource(base, overwrites);
    let changed = await this.#changedUnits(this.#touchedBlocks(overwrites), source);
    for (const hashes of this.#levels.slice(0, -1))
      changed = changedAbove(this.#shape, this.#hasher, hashes, changed);
    const root = changed[0]?.hashes ?? this.#levels.at(-1) ?? new Uint8Array();
    return digestOfRoot(settings, length, root);
  }

  #touchedBlocks(overwrites: readonly Overwrite[]): IndexRange[] {
    const filled = overwrites.filter(({ bytes }) => bytes.length > 0);
    const ranges = filled.map(({ offset, bytes }) => ({ from: offset, to: offset + bytes.length }));
    return coarserRanges(ranges, this.#shape.settings.blockLength);
  }

  /** The hashes of the lowest kept level that the touched blocks have a part in. */
  async #changedUnits(blocks: readonly IndexRange[], source: ByteSource): Promise<ChangedHashes[]> {
    const { arity, blockCount } = this.#shape;
    const unit = arity ** this.#lowest;
    const changed: ChangedHashes[] = [];
    for (const { from, to } of coarserRanges(blocks, unit)) {
      const range = { from: from * unit, to: Math.min(to * unit, blockCount), folds: this.#lowest };
      changed.push({ index: from, hashes: await hashRange(this.#shape, this.#hasher, source, range) });
    }
    return changed;
  }
}
