import { describe, expect, test } from "vitest";
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
