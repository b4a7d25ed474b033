/** One of `count` shares that a spec's variants are dealt out in. */
export interface Shard {
  /** From 1, as people and test runners count. */
  readonly index: number;
  readonly count: number;
}

/** More jobs than that no system runs for one release; and what is in the environment may be anything. */
const mostShards = 100_000;

/**
 * The share of a shard: neighbours, so that the shares one after the other are the whole in its order. No two shares
 * differ by more than one in length; some are empty where there are more shards than items. Depends on the order and
 * number of the items and on nothing else.
 */
export function shareOf<Item>(items: readonly Item[], { index, count }: Shard): readonly Item[] {
  const start = Math.floor((items.length * (index - 1)) / count);
  const end = Math.floor((items.length * index) / count);
  return items.slice(start, end);
}

/** Undefined unless both are whole numbers, and `index` from 1 to `count`. */
export function shardNamed(index: string, count: string): Shard | undefined {
  const shard = { index: numberIn(index), count: numberIn(count) };
  const isOne = shard.index >= 1 && shard.index <= shard.count && shard.count <= mostShards;
  return isOne ? shard : undefined;
}

function numberIn(word: string): number {
  return /^\d{1,9}$/.test(word) ? Number(word) : Number.NaN;
}

export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}
