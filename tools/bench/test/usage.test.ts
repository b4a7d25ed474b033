import { describe, expect, test } from "vitest";
import { requires } from "@bootstamp/witnesses";
import { measureLap } from "../src/lap.ts";
import { measureCommand, parseUsage } from "../src/measured-command.ts";
import { median, spread } from "../src/statistics.ts";
import { typicalUsage } from "../src/usage.ts";

test("the median of even and odd counts, and how far values lie apart", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
  expect(spread([1, 2, 4])).toBe(1.5);
  expect(spread([7])).toBe(0);
});

test("typical usage is the medians, and the largest memory", () => {
  const usages = [1, 3, 2].map((value) => ({ cpuSeconds: value, wallSeconds: 10 * value, peakBytes: value }));
  expect(typicalUsage(usages)).toEqual({
    cpuSeconds: 2,
    wallSeconds: 20,
    peakBytes: 3,
    runs: 3,
    cpuSpread: 1,
  });
});

test("the report of GNU time is its last line", () => {
  expect(parseUsage("Command exited\n1.50 0.25 0.50 2048\n")).toEqual({
    cpuSeconds: 0.75,
    wallSeconds: 1.5,
    peakBytes: 2 << 20,
  });
  expect(() => parseUsage("")).toThrow("not a report");
});

describe("commands", requires("time", "bash"), () => {
  const place = { folder: "/", programs: "/nowhere" };

  test("count what all their processes use", async () => {
    const spin = `"${process.execPath}" -e 'while (process.cpuUsage().user < 200_000);'`;
    const usage = await measureCommand(`${spin} & ${spin} & wait`, place);
    expect(usage.cpuSeconds).toBeGreaterThanOrEqual(0.39);
    expect(usage.peakBytes).toBeGreaterThan(16 << 20);
  });

  test("that fail are told with their last words", async () => {
    await expect(measureCommand("echo alas >&2; false", place)).rejects.toThrow("alas");
    await expect(measureCommand("false | true", place)).rejects.toThrow("exited with 1");
  });
});

test("a lap counts this process", async () => {
  const usage = await measureLap(() => {
    const end = process.cpuUsage().user + 50_000;
    while (process.cpuUsage().user < end);
  });
  expect(usage.cpuSeconds).toBeGreaterThanOrEqual(0.05);
});
