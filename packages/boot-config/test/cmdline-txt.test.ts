import { applyKargs } from "@bootstamp/boot-config";
import { expect, test } from "vitest";
import { fixture } from "./fixture.ts";

test("edits the one line and keeps its ending", () => {
  const text = fixture("raspios-cmdline.txt");
  const edit = { delete: ["quiet", "splash"], append: ["ds=nocloud;i=rpi-1"] };
  const expected = text.replace(" quiet", "").replace(" splash", "").replace("\n", " ds=nocloud;i=rpi-1\n");
  expect(applyKargs("cmdline", text, edit).text).toBe(expected);
  expect(applyKargs("cmdline", text.trimEnd(), edit).text).toBe(expected.trimEnd());
});

test("takes the first line that is not blank and reports the others", () => {
  const result = applyKargs("cmdline", "\n a b\nc d\n", { append: ["x"] });
  expect(result.text).toBe("\n a b x\nc d\n");
  expect(result.left).toEqual([{ lineNumber: 3, reason: "only the first line of cmdline.txt is read" }]);
});

test("keeps a byte order mark in front", () => {
  expect(applyKargs("cmdline", "\uFEFFa b", { delete: ["a"] }).text).toBe("\uFEFFb");
  expect(applyKargs("cmdline", "\uFEFF", { append: ["a"] }).text).toBe("\uFEFFa");
});
