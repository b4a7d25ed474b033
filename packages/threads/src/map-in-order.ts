/**
 * Runs `work` on every item, at most `ahead` at a time, and yields what comes out in the order of the items.
 * When one fails, or the caller stops early, nothing more is begun, and what is under way is waited for.
 */
export async function* mapInOrder<Item, Result>(
  items: Iterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for (const item of items) {
      if (underWay.length >= ahead) yield await takeFirst(underWay);
      const result = work(item);
      // A failure is thrown when its turn comes; until then it must not count as unhandled.
      result.catch(() => undefined);
      underWay.push(result);
    }
    while (underWay.length > 0) yield await takeFirst(underWay);
  } finally {
    await Promise.allSettled(underWay);
  }
}

async function takeFirst<Result>(underWay: Promise<Result>[]): Promise<Result> {
  const first = underWay.shift();
  if (first === undefined) throw new Error("internal error: nothing under way");
  return await first;
}
