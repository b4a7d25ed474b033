import { formatYaml, parseYaml } from "@bootstamp/declaration";
import fc from "fast-check";
import { expect, test } from "vitest";
import { gardenKind } from "./garden.ts";

const key = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text !== "<<" && text !== "__proto__");
const scalar = fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.boolean(), fc.constant(null));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.dictionary(key, tree, { noNullPrototype: true }), (value) => {
      const { value: read } = parseYaml(gardenKind, "g", formatYaml(value));
      expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 300 },
  );
});
