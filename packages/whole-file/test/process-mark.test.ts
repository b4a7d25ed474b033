import { isProcessAlive, processMark } from "@bootstamp/whole-file";
import { expect, test } from "vitest";

test("a mark lives as long as its process", () => {
  expect(isProcessAlive(processMark())).toBe(true);
  expect(isProcessAlive("4194999@1")).toBe(false);
  expect(isProcessAlive("")).toBe(false);
  expect(isProcessAlive("0")).toBe(false);
  expect(isProcessAlive("-1")).toBe(false);
});

test.runIf(process.platform === "linux")(
  "a process of the same number that started at another time is another",
  () => {
    expect(isProcessAlive(`${process.pid}@1`)).toBe(false);
  },
);
