import { hasUnprintable, positionsIn, quote, suggest } from "@bootstamp/declaration";
import { expect, test } from "vitest";

test("text is quoted on one line, and not too long", () => {
  expect(quote('a"\n\u202e')).toBe(String.raw`"a\"\n\u202e"`);
  expect(quote("x".repeat(100))).toBe(`"${"x".repeat(80)}"...`);
});

test.each([
  ["plain größe", false],
  ["a\tb", true],
  ["a\u2028b", true],
  ["a\u202eb", true],
])("%j: unprintable is %s", (text, expected) => {
  expect(hasUnprintable(text)).toBe(expected);
});

test("a near word is suggested, else what is known", () => {
  expect(suggest("roze", ["tulip", "rose"])).toBe(', did you mean "rose"?');
  expect(suggest("oak", ["tulip", "rose tree"])).toBe('; known are: tulip, "rose tree"');
  expect(suggest("oak", [])).toBe("");
});

test("offsets become lines and columns, also behind the end", () => {
  const at = positionsIn("f", "ab\n\ncd");
  expect([0, 2, 3, 4, 5, 9].map((offset) => [at(offset).line, at(offset).column])).toEqual([
    [1, 1],
    [1, 3],
    [2, 1],
    [3, 1],
    [3, 2],
    [3, 6],
  ]);
});
