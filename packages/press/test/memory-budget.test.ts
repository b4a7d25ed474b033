import { availableParallelism } from "node:os";
import { format as gz } from "@bootstamp/gzip";
import type { EncodeChoice, StreamFormat } from "@bootstamp/segment-map";
import { format as xz } from "@bootstamp/xz";
import { expect, test } from "vitest";
import { threadsWithinBudget } from "../src/memory-budget.ts";
import { encoderWorkload } from "../src/press-image.ts";

const mebibyte = 2 ** 20;
const length = 2 ** 40;

function threadsFor(format: StreamFormat, choice: EncodeChoice, cores: number): number {
  const settings = format.settle(choice);
  return threadsWithinBudget(encoderWorkload(format, settings, format.plan(length, [], settings)), cores);
}

test.each<[name: string, StreamFormat, EncodeChoice, cores: number, threads: number]>([
  ["gz", gz, {}, 2, 2],
  ["gz on many cores", gz, {}, 64, 9],
  ["xz -0", xz, { level: 0 }, 2, 2],
  ["xz -6", xz, {}, 2, 2],
  ["xz -6 on many cores", xz, {}, 64, 2],
  ["xz -9", xz, { level: 9 }, 2, 1],
  ["xz -9e", xz, { level: 9, extreme: true }, 2, 1],
  [
    "xz -9 in segments of 64 MiB, which take more than there is",
    xz,
    { level: 9, segmentLength: 64 * mebibyte },
    2,
    1,
  ],
])("%s on %d cores has as many threads as the memory allows", (_name, format, choice, cores, threads) => {
  expect(threadsFor(format, choice, cores)).toBe(threads);
});

test("what liblzma takes is what xz says that it takes", () => {
  // xz(1), "Compression preset levels", CompMem; a piece as long as the dictionary, or longer, and its packed form.
  const compMem = [3, 9, 17, 32, 48, 94, 94, 186, 370, 674];
  for (const [level, expected] of compMem.entries()) {
    const memory = xz.encoderMemory(xz.settle({ level }), 64 * mebibyte) / mebibyte - 64;
    expect(memory).toBeGreaterThan(expected * 0.98 - 1);
    expect(memory).toBeLessThan(expected * 1.02 + 3);
  }
});

test("there is always one thread, and no more than cores", () => {
  expect(threadsWithinBudget({ each: 2 ** 40, waiting: 0 })).toBe(1);
  expect(threadsWithinBudget({ each: 0, waiting: 2 ** 40 })).toBe(1);
  expect(threadsWithinBudget({ each: 0, waiting: 0 }, 3)).toBe(3);
  expect(threadsWithinBudget({ each: 0, waiting: 0 })).toBeLessThanOrEqual(availableParallelism());
});
