import { expect, test } from "vitest";
import { runRounds } from "../src/rounds.ts";

function recorders(order: string[], once: readonly string[] = []) {
  return ["a", "b", "c"].map((name) => ({
    name,
    once: once.includes(name),
    measure: async () => {
      order.push(name);
      return order.length;
    },
  }));
}

test("every round has all contenders, and begins with another one", async () => {
  const order: string[] = [];
  const measured = await runRounds(recorders(order), { rounds: 3, seconds: 60 });
  expect(order.join("")).toBe("abcbcacab");
  expect(measured.get("a")).toEqual([1, 6, 8]);
});

test("who is too slow takes part once", async () => {
  const order: string[] = [];
  const measured = await runRounds(recorders(order, ["b"]), { rounds: 3, seconds: 60 });
  expect(order.join("")).toBe("abccaac");
  expect(measured.get("b")).toHaveLength(1);
});

test("no round begins when the time is over, but the first one does", async () => {
  const order: string[] = [];
  let now = 0;
  const clock = (): number => (now += 10_000);
  await runRounds(recorders(order), { rounds: 5, seconds: 15 }, clock);
  expect(order.join("")).toBe("abcbca");
});
