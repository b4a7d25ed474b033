// Shards partition the variants, in the spec's order, the same on every machine.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseShard } from "../../src/build/parse-shard.ts";
import { selectPlans } from "../../src/build/selection.ts";
import { shareOf, shardText, type Shard } from "../../src/build/shard.ts";

const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 300 });
const counts = fc.integer({ min: 1, max: 400 });

function shardsOf(count: number): Shard[] {
  return Array.from({ length: count }, (_, before) => ({ index: before + 1, count }));
}

test("the shards one after the other are all items, and differ by one in length at most", () => {
  fc.assert(
    fc.property(names, counts, (items, count) => {
      const shares = shardsOf(count).map((shard) => shareOf(items, shard));
      expect(shares.flat()).toEqual(items);
      const lengths = shares.map(({ length }) => length);
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    }),
  );
});

test("a shard is selected by its number, whatever the plans are made of", () => {
  fc.assert(
    fc.property(names, counts, fc.nat(), (items, count, seed) => {
      const shard = { index: (seed % count) + 1, count };
      const plans = items.map((name) => ({ name }));
      expect(selectPlans(plans, { shard }).map(({ name }) => name)).toEqual([...shareOf(items, shard)]);
      const variants = items.filter((_, index) => index % 3 === seed % 3).toReversed();
      expect(selectPlans(plans, { variants }).map(({ name }) => name)).toEqual(variants.toReversed());
    }),
  );
});

test("every system's variables lead to the same shard as its number does", () => {
  fc.assert(
    fc.property(counts, fc.nat(), (count, seed) => {
      const index = seed % count;
      const shard = { index: index + 1, count };
      const total = String(count);
      expect(parseShard(shardText(shard), {})).toEqual(shard);
      const gitlab = { CI_NODE_INDEX: String(index + 1), CI_NODE_TOTAL: total };
      expect(parseShard("auto", gitlab)).toEqual(shard);
      expect(parseShard(`auto/${total}`, { JOB_COMPLETION_INDEX: String(index) })).toEqual(shard);
      const batch = { AWS_BATCH_JOB_ARRAY_INDEX: String(index), AWS_BATCH_JOB_ARRAY_SIZE: total };
      expect(parseShard("auto", batch)).toEqual(shard);
    }),
  );
});

test.each<[string, Record<string, string>, RegExp]>([
  ["0/3", {}, /I from 1 to N/],
  ["4/3", {}, /I from 1 to N/],
  ["1/0", {}, /I from 1 to N/],
  ["1/3/5", {}, /I from 1 to N/],
  ["1.5/3", {}, /I from 1 to N/],
  ["-1/3", {}, /I from 1 to N/],
  ["1/1000000", {}, /I from 1 to N/],
  ["", {}, /I from 1 to N/],
  ["2", { CI_NODE_INDEX: "2", CI_NODE_TOTAL: "3" }, /I from 1 to N/],
  ["auto", {}, /finds none of CI_NODE_INDEX \(GitLab\)/],
  ["auto", { CI_NODE_INDEX: "" }, /finds none/],
  ["auto", { JOB_COMPLETION_INDEX: "0" }, /Kubernetes does not tell how many.*auto\/N/],
  ["auto/4", { JOB_COMPLETION_INDEX: "4" }, /JOB_COMPLETION_INDEX is "4", expected 0 to 3/],
  ["auto/4", { JOB_COMPLETION_INDEX: "x" }, /JOB_COMPLETION_INDEX is "x"/],
  ["auto", { CI_NODE_INDEX: "0", CI_NODE_TOTAL: "3" }, /CI_NODE_INDEX is "0", expected 1 to 3/],
  ["auto/4", { CI_NODE_INDEX: "1", CI_NODE_TOTAL: "3" }, /contradicts CI_NODE_TOTAL, which is "3"/],
  ["auto", { CI_NODE_INDEX: "1", CI_NODE_TOTAL: "3", JOB_COMPLETION_INDEX: "0" }, /finds both/],
])("--shard %s in %o is refused", (word, environment, message) => {
  expect(() => parseShard(word, environment)).toThrow(message);
});
