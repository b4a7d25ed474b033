import type { ByteSource } from "@bootstamp/byte-source";
import type { BlockHasher } from "./block-hasher.ts";
import { HashFolder } from "./hash-folder.ts";
import type { TreeShape } from "./tree-shape.ts";

/** What is read at once: a multiple of every block length. */
const windowLength: number = 1 << 20;

/** Blocks `from` to `to` of a file, to be folded `folds` times. */
export interface HashRange {
  readonly from: number;
  readonly to: number;
  readonly folds: number;
}

/** The hashes of a range of the file's blocks, folded, one after another. Memory: a window and what comes out. */
export async function hashRange(
  shape: TreeShape,
  hasher: BlockHasher,
  source: ByteSource,
  { from, to, folds }: HashRange,
  onWindow: (end: number) => void = () => undefined,
): Promise<Uint8Array> {
  const { blockLength } = shape.settings;
  const folder = new HashFolder(shape, hasher, folds, to - from);
  const end = Math.min(to * blockLength, shape.length);
  for (let offset = from * blockLength; offset < end; offset += windowLength) {
    const window = await source.read(offset, Math.min(windowLength, end - offset));
    for (let at = 0; at < window.length; at += blockLength) {
      folder.add(hasher(filledUp(window.subarray(at, at + blockLength), blockLength)));
    }
    onWindow(offset + window.length);
  }
  return folder.finish();
}

function filledUp(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  const block = new Uint8Array(length);
  block.set(bytes);
  return block;
}
