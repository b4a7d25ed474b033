import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { processMark } from "@bootstamp/whole-file";
import { expect, test } from "vitest";
import { fateOf } from "../src/process-mark.ts";

test("a mark lives as long as its process", () => {
  expect(fateOf(processMark())).toBe("runs");
  expect(fateOf("4194999@1")).toBe("ended");
  expect(fateOf("")).toBe("ended");
  expect(fateOf("0")).toBe("ended");
  expect(fateOf("-1")).toBe("ended");
});

test("a mark fits into the names of files", () => {
  expect(processMark()).toMatch(/^[\da-f@]{1,56}$/);
});

test.runIf(process.platform === "linux")(
  "marks of older versions, which did not say where, are understood",
  () => {
    const [processId = "", start = ""] = processMark().split("@");
    expect(fateOf(`${processId}@${start}`)).toBe("runs");
    expect(fateOf("4194999")).toBe("ended");
    expect(fateOf("4194999@77")).toBe("ended");
  },
);

test.runIf(process.platform === "linux")("of a process in another place nothing is told", () => {
  const [processId, start, namespace, boot] = processMark().split("@");
  expect(fateOf(`${processId}@${start}@${namespace}@${boot}`)).toBe("runs");
  expect(fateOf(`${processId}@1@${namespace}@${boot}`)).toBe("ended");
  expect(fateOf(`${processId}@${start}@f000beef@${boot}`)).toBe("elsewhere");
  expect(fateOf(`${processId}@${start}@${namespace}@0123456789abcdef`)).toBe("elsewhere");
});

test.runIf(process.platform === "linux")(
  "a process of the same number that started at another time is another",
  () => {
    expect(fateOf(`${process.pid}@1`)).toBe("ended");
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
    expect(fateOf(mark)).toBe("runs");
    await expect.poll(() => statOf()[2], { timeout: 120_000 }).toBe("Z");
    expect(fateOf(mark)).toBe("ended");
  } finally {
    parent.kill();
  }
});
