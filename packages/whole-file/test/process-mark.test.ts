import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
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

test.runIf(process.platform === "linux")("a process that has ended is gone, asked after or not", async () => {
  // The shell makes way for a program that does not know of its child.
  const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 20"]);
  try {
    const [line] = await once(parent.stdout, "data");
    const child = Number(String(line));
    const statOf = (): string[] => readFileSync(`/proc/${child}/stat`, "utf8").split(" ");
    const mark = `${child}@${statOf()[21]}`;
    expect(isProcessAlive(mark)).toBe(true);
    await expect.poll(() => statOf()[2], { timeout: 10_000 }).toBe("Z");
    expect(isProcessAlive(mark)).toBe(false);
  } finally {
    parent.kill();
  }
});
