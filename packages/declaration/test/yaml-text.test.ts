import { formatYaml } from "@bootstamp/declaration";
import { expect, test } from "vitest";

test("maps in lists stand on lines of their own, small ones in braces", () => {
  const value = {
    version: 1,
    sizes: [512, 4096],
    beds: [
      { name: "herbs", water: { least: "1l", most: "2l" }, from: undefined },
      { name: "0x10", tall: true },
    ],
    none: [],
  };
  const text = formatYaml(value, "A garden.\nIn two beds.");
  expect(text).toBe(`# A garden.
# In two beds.

version: 1
sizes: [ 512, 4096 ]
beds:
  - name: herbs
    water: { least: 1l, most: 2l }
  - name: "0x10"
    tall: true
none: []
`);
});
