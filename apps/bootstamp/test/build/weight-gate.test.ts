import fc from "fast-check";
import { expect, test } from "vitest";
import { weightGate } from "../../src/build/weight-gate.ts";

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
