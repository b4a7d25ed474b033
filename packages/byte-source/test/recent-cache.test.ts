import { RecentCache } from "@bootstamp/byte-source";
import { expect, test } from "vitest";

function countingLoader(): { loads: string[]; load: (key: string) => Promise<string> } {
  const loads: string[] = [];
  return {
    loads,
    load: async (key) => {
      loads.push(key);
      await Promise.resolve();
      return key.repeat(10);
    },
  };
}

test("loads once for all who ask at the same time, and not again while it is kept", async () => {
  const { loads, load } = countingLoader();
  const cache = new RecentCache<string, string>(100, (value) => value.length);
  const both = await Promise.all([cache.get("a", load), cache.get("a", load)]);
  expect(both).toEqual(["aaaaaaaaaa", "aaaaaaaaaa"]);
  expect(await cache.get("a", load)).toBe("aaaaaaaaaa");
  expect(loads).toEqual(["a"]);
});

test("drops what was not asked for longest", async () => {
  const { loads, load } = countingLoader();
  const cache = new RecentCache<string, string>(20, (value) => value.length);
  for (const key of ["a", "b", "a", "c"]) await cache.get(key, load);
  expect(["a", "b", "c"].filter((key) => cache.has(key))).toEqual(["a", "c"]);
  await cache.get("a", load);
  expect(loads).toEqual(["a", "b", "c"]);
  cache.clear();
  expect(cache.has("a")).toBe(false);
});

test("does not keep what is too large, nor what failed", async () => {
  const cache = new RecentCache<string, string>(5, (value) => value.length);
  expect(await cache.get("a", async () => "aaaaaaaaaa")).toBe("aaaaaaaaaa");
  expect(cache.has("a")).toBe(false);
  await expect(cache.get("b", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await cache.get("b", async () => "bbb")).toBe("bbb");
});

test("forgets what is deleted, also on its way", async () => {
  const { loads, load } = countingLoader();
  const cache = new RecentCache<string, string>(100, (value) => value.length);
  const first = cache.get("a", load);
  cache.delete("a");
  const second = cache.get("a", load);
  expect(await first).toBe(await second);
  cache.delete("a");
  cache.delete("b");
  await cache.get("a", load);
  expect(loads).toEqual(["a", "a", "a"]);
});
