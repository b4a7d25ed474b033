import { quoteText } from "@bootstamp/fault";
import { expect, test } from "vitest";

test.each([
  ["boot", '"boot"'],
  ['a"b\\', String.raw`"a\"b\\"`],
  ["\u001b[31m\n", String.raw`"\u001b[31m\n"`],
  ["a\u202eb\u2069\u007f", String.raw`"a\u202eb\u2069\u007f"`],
  ["größe", '"größe"'],
])("%j is quoted as %s", (text, quoted) => {
  expect(quoteText(text)).toBe(quoted);
});
