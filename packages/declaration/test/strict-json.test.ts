import { JsonFault, parseStrictJson } from "@bootstamp/declaration";
import { expect, test } from "vitest";

test("values have their offsets, and numbers stay as they are written", () => {
  const node = parseStrictJson(' {"a": [1.10, "\\u0062"], "c": null}');
  expect(node).toMatchObject({ kind: "object", offset: 1 });
  const entries = node.kind === "object" ? node.entries : new Map();
  expect(entries.get("a")).toEqual({
    kind: "array",
    offset: 7,
    items: [
      { kind: "number", offset: 8, text: "1.10" },
      { kind: "string", offset: 14, text: "b" },
    ],
  });
  expect(entries.get("c")).toEqual({ kind: "word", offset: 30, text: "null" });
});

test.each([
  ["", 0, "a JSON value is expected"],
  ["{} x", 3, "text after the end of the JSON value"],
  ['{"a": 1, "a": 2}', 9, "a key is twice in a JSON object"],
  ["[1, 2", 5, '"," or "]" is expected in a JSON array'],
  ['{"a" 1}', 5, '":" is expected after a key in a JSON object'],
  ['"a', 0, "a JSON string does not end, or has a bad escape in it"],
  ["01", 1, "text after the end of the JSON value"],
  ["[".repeat(300), 201, "JSON nested more than 200 levels deep"],
])("%j fails at %i", (text, offset, message) => {
  const fault = (() => {
    try {
      return parseStrictJson(text);
    } catch (error) {
      return error;
    }
  })();
  expect(fault).toBeInstanceOf(JsonFault);
  expect(fault).toMatchObject({ offset, message });
});
