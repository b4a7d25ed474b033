import { expect, test } from "vitest";
import { atMost } from "../src/at-most.ts";

test("no more run at a time than may, each has its turn, and a failure is its own", async () => {
  const inTurn = atMost(2);
  let running = 0;
  let most = 0;
  const begun: number[] = [];
  const work = async (index: number): Promise<number> => {
    begun.push(index);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    if (index % 3 === 0) throw new Error(`${index} fails`);
    return index;
  };
  const settled = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7].map((index) => inTurn(() => work(index))));
  expect(most).toBe(2);
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(settled.map(({ status }) => status === "fulfilled")).toEqual([
    true,
    true,
    false,
    true,
    true,
    false,
    true,
  ]);
});
