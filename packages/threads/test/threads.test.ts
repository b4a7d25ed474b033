import { mapInOrder, openThreadPool } from "@bootstamp/threads";
import fc from "fast-check";
import { expect, test } from "vitest";

test("a pool runs its worker with its setup, and hands faults over whole", async () => {
  const pool = openThreadPool<number, number>(new URL("./fixtures/double-worker.ts", import.meta.url), 2, 2);
  try {
    expect(await Promise.all([1, 2, 3].map((value) => pool.run(value)))).toEqual([2, 4, 6]);
    await expect(pool.run(-1)).rejects.toMatchObject({ code: "TEST_NEGATIVE", fields: { value: -1 } });
    expect(await pool.run(4)).toBe(8);
  } finally {
    await pool.close();
  }
});

test("a pool that no task was given to starts no thread, and one that is closed takes no more", async () => {
  const missing = openThreadPool<number, number>(new URL("./fixtures/missing.ts", import.meta.url), 1, 2);
  await missing.close();
  await expect(missing.run(1)).rejects.toThrow("ended");
});

test("results come in order, and no more than `ahead` are under way", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(3), { maxLength: 30 }),
      fc.integer({ min: 1, max: 5 }),
      async (delays, ahead) => {
        let underWay = 0;
        let most = 0;
        const work = async (delay: number): Promise<number> => {
          most = Math.max(most, ++underWay);
          for (let turn = 0; turn < delay; turn++) await Promise.resolve();
          underWay--;
          return delay;
        };
        expect(await collect(mapInOrder(delays, ahead, work))).toEqual(delays);
        expect(most).toBeLessThanOrEqual(ahead);
      },
    ),
  );
});

test("after a failure nothing more is begun, and what runs is waited for", async () => {
  const begun: number[] = [];
  let finished = 0;
  const work = async (item: number): Promise<void> => {
    begun.push(item);
    if (item === 2) throw new Error("two");
    await new Promise((resolve) => setTimeout(resolve, 5));
    finished++;
  };
  await expect(collect(mapInOrder([1, 2, 3, 4, 5, 6, 7, 8], 3, work))).rejects.toThrow("two");
  expect(begun.length).toBeLessThan(8);
  expect(finished).toBe(begun.length - 1);
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
