import { describe, expect, onTestFinished, test, vi } from "vitest";
import { HttpError } from "../src/http-error.ts";
import { parseRetryAfter, Passing, Tries } from "../src/retry.ts";

const failure = new HttpError("HTTP_STALLED", "nothing came");

describe("the wait after a failed try", () => {
  test("doubles, up to 15 seconds, of which a random part of at most the half is left out", () => {
    const tries = new Tries({ tries: 100, retryDelay: 500, retryTime: 3_600_000 });
    for (const whole of [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]) {
      const delay = tries.delayAfter(new Passing(failure));
      expect(delay).toBeGreaterThanOrEqual(whole / 2);
      expect(delay).toBeLessThanOrEqual(whole);
    }
  });

  test("differs between those who failed at the same time", () => {
    const delays = Array.from({ length: 20 }, () => {
      return new Tries({ tries: 2, retryDelay: 500, retryTime: 10_000 }).delayAfter(new Passing(failure));
    });
    expect(new Set(delays).size).toBeGreaterThan(1);
  });

  test("is the server's, where that gives one, and counts as a failure all the same", () => {
    const tries = new Tries({ tries: 3, retryDelay: 500, retryTime: 60_000 });
    expect(tries.delayAfter(new Passing(failure, 20_000))).toBe(20_000);
    expect(tries.delayAfter(new Passing(failure))).toBeGreaterThanOrEqual(500);
    expect(() => tries.delayAfter(new Passing(failure, 0))).toThrow("given up after 3 tries");
  });

  test("is never begun after what cannot pass", () => {
    const tries = new Tries({ tries: 3, retryDelay: 500, retryTime: 60_000 });
    expect(() => tries.delayAfter(failure)).toThrow(failure);
  });
});

test("a try that brought 64 KiB is followed by as many as in the beginning, one that brought less is not", () => {
  const tries = new Tries({ tries: 3, retryDelay: 500, retryTime: 60_000 });
  const fail = (): number => tries.delayAfter(new Passing(failure));
  for (let cut = 0; cut < 20; cut++) {
    tries.got(1);
    tries.got(65_535);
    expect(fail()).toBeLessThanOrEqual(500);
  }
  tries.got(65_535);
  expect(fail()).toBeGreaterThanOrEqual(500);
  tries.got(65_535);
  expect(fail).toThrow("given up after 3 tries");
});

test("the time for tries begins with the first that failed, and anew when one got on", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const tries = new Tries({ tries: 100, retryDelay: 500, retryTime: 60_000 });
  const fail = (): number => tries.delayAfter(new Passing(failure, 0));
  vi.advanceTimersByTime(600_000);
  expect(fail()).toBe(0);
  vi.advanceTimersByTime(59_000);
  expect(fail()).toBe(0);
  vi.advanceTimersByTime(600_000);
  tries.got(65_536);
  expect(fail()).toBe(0);
  vi.advanceTimersByTime(61_000);
  expect(fail).toThrow("given up after 2 tries");
});

test.each([
  ["120", 120_000],
  ["0", 0],
  ["Sun, 22 Nov 2026 10:00:07 GMT", 7000],
  ["Sun, 22 Nov 2026 09:00:00 GMT", 0],
  ["soon", undefined],
  [undefined, undefined],
])("Retry-After: %s", (text, wait) => {
  expect(parseRetryAfter(text, Date.parse("Sun, 22 Nov 2026 10:00:00 GMT"))).toBe(wait);
});
