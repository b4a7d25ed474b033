import { jsonSchemaOf, nouns, parseYaml, validate, z } from "@bootstamp/declaration";
import { expect, test } from "vitest";
import { complaintsOf, gardenKind, gardenSchema, readGarden } from "./garden.ts";

test("what is right is taken, with its defaults", () => {
  expect(readGarden("version: 1\nbeds: [herbs, { rows: 3 }]\n")).toEqual({
    version: 1,
    soil: "sand",
    beds: ["herbs", { rows: 3 }],
  });
});

test.each([
  [
    "version: 1\nbed: []\n",
    [
      'GARDEN_KEY garden.yaml:1:1: "beds" is missing',
      'GARDEN_KEY garden.yaml:2:1: unknown key "bed", did you mean "beds"?',
    ],
  ],
  ["version: 2\nbeds: []\n", ["GARDEN_VALUE garden.yaml:1:10: expected 1, got 2"]],
  ["version: 1\nbeds: 5\n", ["GARDEN_VALUE garden.yaml:2:7: expected a list, got 5"]],
  [
    "version: 1\nsoil: snad\nbeds: []\n",
    ['GARDEN_VALUE garden.yaml:2:7: unknown value "snad", did you mean "sand"?'],
  ],
  ["version: 1\nbeds: [{ rows: 10 }]\n", ["GARDEN_VALUE garden.yaml:2:16: expected 9 or less, got 10"]],
  [
    "version: 1\nbeds: [{ rows: 1.5 }]\n",
    ["GARDEN_VALUE garden.yaml:2:16: expected a whole number, got 1.5"],
  ],
  ["version: 1\nbeds: [{}]\n", ['GARDEN_VALUE garden.yaml:2:8: one of "rows", "meadow" is needed']],
  [
    "version: 1\nbeds: [{ rows: 1, meadow: true }]\n",
    ['GARDEN_VALUE garden.yaml:2:19: "rows", "meadow": only one can be'],
  ],
  ["version: 1\nbeds: [[a]]\n", ["GARDEN_VALUE garden.yaml:2:8: expected text or a map, got a list"]],
])("%j is complained of", (text, expected) => {
  expect(complaintsOf(text)).toEqual(expected);
});

test("an unknown key is called what the schema calls its keys", () => {
  const tools = z.strictObject({ spade: z.boolean().optional(), rake: z.boolean().optional() });
  nouns.add(tools, { noun: "tool" });
  const complaints: { code: string; message: string }[] = [];
  validate(gardenKind, tools, parseYaml(gardenKind, "g", "saw: true\n"), complaints as never);
  expect(complaints).toMatchObject([{ message: 'unknown tool "saw"; known are: spade, rake' }]);
});

test("the JSON Schema has what may be written, with its title", () => {
  expect(jsonSchemaOf("a garden", gardenSchema)).toMatchObject({
    title: "a garden",
    required: ["version", "beds"],
    additionalProperties: false,
    properties: { soil: { default: "sand", enum: ["clay", "sand"] } },
  });
});
