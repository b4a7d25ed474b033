import type { Hash } from "node:crypto";
import type { FileSource, Overwrite } from "@bootstamp/byte-source";
import { beat, type Pulse } from "./digest-task.ts";
import { overwrittenBytes } from "./overwritten-bytes.ts";
import type { PrefixStates } from "./prefix-states.ts";

/** A variant whose first overwrite has been reached: from there on it has a state of its own. */
interface Parted {
  readonly index: number;
  readonly hash: Hash;
  readonly overwrites: readonly Overwrite[];
}

interface Waiting {
  readonly index: number;
  /** Where the variant parts from the base: the file's length if it never does. */
  readonly first: number;
  readonly overwrites: readonly Overwrite[];
}

/**
 * SHA-256 of the whole file with each set of overwrites, in one pass over the file.
 *
 * All variants share one state up to where the first of them parts from the base, and each window of the file is read
 * once for all: so a base that is not in the page cache is read from disk once. Uses all of `window` for reading.
 */
export function digestVariants(
  source: FileSource,
  variants: readonly (readonly Overwrite[])[],
  states: PrefixStates,
  window: Uint8Array,
  pulse: Pulse,
): string[] {
  const waiting = byFirstOverwrite(variants, source.length);
  const parted: Parted[] = [];
  const prefix = states.furthest(source.fingerprint, waiting[0]?.first ?? 0);
  beat(pulse, prefix.offset * variants.length);
  for (let at = prefix.offset; at < source.length; at += window.length) {
    const bytes = window.subarray(0, source.length - at);
    source.readSync(at, bytes);
    for (const { hash, overwrites } of parted) update(hash, overwrittenBytes(bytes, at, overwrites));
    let done = 0;
    for (let next = waiting[0]; next !== undefined && next.first < at + bytes.length; next = waiting[0]) {
      prefix.hash.update(bytes.subarray(done, next.first - at));
      done = next.first - at;
      states.remember(source.fingerprint, { offset: next.first, hash: prefix.hash });
      const hash = prefix.hash.copy();
      update(hash, overwrittenBytes(bytes.subarray(done), next.first, next.overwrites));
      parted.push({ ...next, hash });
      waiting.shift();
    }
    if (waiting.length > 0) prefix.hash.update(bytes.subarray(done));
    beat(pulse, bytes.length * variants.length);
  }
  const unchanged = waiting.map(({ index }) => ({ index, hash: prefix.hash.copy() }));
  return inGivenOrder([...parted, ...unchanged]);
}

function update(hash: Hash, parts: Iterable<Uint8Array>): void {
  for (const part of parts) hash.update(part);
}

function byFirstOverwrite(variants: readonly (readonly Overwrite[])[], length: number): Waiting[] {
  return variants
    .map((overwrites, index) => ({ index, first: overwrites[0]?.offset ?? length, overwrites }))
    .toSorted((a, b) => a.first - b.first);
}

function inGivenOrder(variants: readonly Pick<Parted, "index" | "hash">[]): string[] {
  const digests: string[] = [];
  for (const { index, hash } of variants) digests[index] = hash.digest("hex");
  return digests;
}
