import { parseYaml } from "@bootstamp/declaration";
import { expect, test } from "vitest";
import { complaintsOf, gardenKind } from "./garden.ts";

const document = parseYaml(gardenKind, "g", 'a: &x 0x1F\nb:\n  - "tulip"\n  - *x\nc: { d: 1.10 }\n');

test("values are plain, and each has its place", () => {
  expect(document.value).toEqual({ a: 31, b: ["tulip", 31], c: { d: 1.1 } });
  expect(document.positionOf(["b", 0])).toEqual({ file: "g", line: 3, column: 5 });
  expect(document.positionOfKey(["c", "d"])).toEqual({ file: "g", line: 5, column: 6 });
  expect(document.positionOf(["c", "nothing", "there"])).toEqual({ file: "g", line: 5, column: 4 });
  expect(document.positionInText(["b", 0], 2)).toEqual({ file: "g", line: 3, column: 8 });
});

test("scalars are there as they are written, through aliases too", () => {
  expect([document.textAt(["a"]), document.textAt(["b", 1]), document.textAt(["c", "d"])]).toEqual([
    "0x1F",
    "0x1F",
    "1.10",
  ]);
});

test.each([
  ["a: 1\na: 2\n", 'GARDEN_SYNTAX garden.yaml:2:1: the key "a" is there twice'],
  [
    "a: !!binary aaaa\n",
    "GARDEN_SYNTAX garden.yaml:1:13: the tag tag:yaml.org,2002:binary is not used in a garden",
  ],
  ["a: 1\n---\nb: 2\n", "GARDEN_SYNTAX garden.yaml:2:1: a garden is one YAML document"],
  ["%YAML 1.1\n---\na: 1\n", "GARDEN_SYNTAX garden.yaml:1:1: a garden is YAML 1.2, not 1.1"],
  ["a: \u0000\n", "GARDEN_SYNTAX garden.yaml:1:4: the control character 0x00 is not allowed in YAML"],
  [
    "a: &a [*a]\n",
    "GARDEN_LARGE garden.yaml:1:7: nested more than 64 levels deep, or an alias to what encloses it",
  ],
])("%j is refused", (text, expected) => {
  expect(complaintsOf(text)).toEqual([expected]);
});
