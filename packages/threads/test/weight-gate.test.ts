import { weightGate } from "@bootstamp/threads";
import fc from "fast-check";
import { expect, test } from "vitest";

test("what is under way stays below the limit, or is one, and all is done in the order of coming", async () => {
  const job = fc.record({ weight: fc.nat(15), turns: fc.nat(4) });
  await fc.assert(
    fc.asyncProperty(fc.array(job, { maxLength: 30 }), async (jobs) => {
      const gate = weightGate(10);
      const begun: number[] = [];
      const underWay = new Set<number>();
      let heaviest = 0;
      const work = async (index: number, turns: number): Promise<number> => {
        begun.push(index);
        underWay.add(index);
        const weights = [...underWay].map((each) => jobs[each]?.weight ?? 0);
        if (weights.length > 1)
          heaviest = Math.max(
            heaviest,
            weights.reduce((sum, weight) => sum + weight, 0),
          );
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        underWay.delete(index);
        return index;
      };
      const done = await Promise.all(
        jobs.map(({ weight, turns }, index) => gate(weight, () => work(index, turns))),
      );
      expect(done).toEqual([...jobs.keys()]);
      expect(begun).toEqual([...jobs.keys()]);
      expect(heaviest).toBeLessThanOrEqual(10);
    }),
  );
});

test("a failure gives its room back", async () => {
  const gate = weightGate(1);
  await expect(gate(1, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await gate(1, async () => 7)).toBe(7);
});

test("an aborted signal gives up a place in the line, and what is under way goes on", async () => {
  const gate = weightGate(2);
  const first = Promise.withResolvers<number>();
  const giving = new AbortController();
  const begun: string[] = [];
  const underWay = gate(2, async () => await first.promise);
  const heavy = gate(2, async () => void begun.push("heavy"), giving.signal);
  const late = gate(1, async () => void begun.push("late"));
  giving.abort(new Error("enough"));
  await expect(heavy).rejects.toThrow("enough");
  expect(begun).toEqual([]);
  first.resolve(1);
  expect(await underWay).toBe(1);
  await late;
  await expect(gate(1, async () => void begun.push("never"), giving.signal)).rejects.toThrow("enough");
  expect(begun).toEqual(["late"]);
});
