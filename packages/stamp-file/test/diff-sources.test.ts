import { createHash } from "node:crypto";
import { MemorySource } from "@bootstamp/byte-source";
import { diffSources, encodeStamp, trimPatch } from "@bootstamp/stamp-file";
import { expect, test } from "vitest";
import { diff, noise, patchOf, withOverwrites } from "./some-stamps.ts";

const base = noise((3 << 20) + 77);

test.each([
  ["the first byte", [0]],
  ["the last byte", [base.length - 1]],
  ["both sides of a window", [(1 << 20) - 1, 1 << 20]],
  ["near ones, over the border of a window", [(1 << 20) - 20, (1 << 20) + 12]],
])("%s is one run at most", async (_, places) => {
  const variant = changedAt(places);
  const { patch } = await diff(base, variant);
  const [from = 0, to = from] = places;
  expect(patch).toEqual(patchOf(base, [{ offset: from, bytes: variant.slice(from, to + 1) }]));
});

test("runs are joined over 32 equal bytes and not over 33", async () => {
  const { patch } = await diff(base, changedAt([5000, 5033, 5067]));
  expect(patch.map(({ offset, bytes }) => [offset, bytes.length])).toEqual([
    [5000, 34],
    [5067, 1],
  ]);
});

function changedAt(places: readonly number[]): Uint8Array {
  const variant = new Uint8Array(base);
  for (const at of places) variant[at] = 1 ^ (variant[at] ?? 0);
  return variant;
}

test("equal images differ in nothing, and images of nothing too", async () => {
  expect((await diff(base, base)).patch).toEqual([]);
  expect(await diff(new Uint8Array(), new Uint8Array())).toEqual({
    base: { rawLength: 0, rawCrc32: 0 },
    result: { rawCrc32: 0 },
    patch: [],
  });
});

test("SHA-256 of both is worked out on request", async () => {
  const variant = withOverwrites(base, [{ offset: 4, bytes: noise(3, 9) }]);
  const found = await diffSources(new MemorySource(base), new MemorySource(variant), { sha256: true });
  expect(found.base.rawSha256).toBe(sha256(base));
  expect(found.result.rawSha256).toBe(sha256(variant));
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test("images of two lengths are refused with both", async () => {
  await expect(diff(base, base.subarray(1))).rejects.toMatchObject({
    code: "STAMP_FILE_LENGTHS_DIFFER",
    fields: { baseLength: base.length, variantLength: base.length - 1 },
  });
});

function constant(
  length: number,
  value: number,
): { length: number; read: (at: number, count: number) => Promise<Uint8Array> } {
  return { length, read: async (_, count) => new Uint8Array(count).fill(value) };
}

test("a terabyte of differences is refused as soon as it is too much, with the figure", async () => {
  const differing = diffSources(constant(2 ** 40, 0), constant(2 ** 40, 1));
  await expect(differing).rejects.toMatchObject({
    code: "STAMP_FILE_TOO_LARGE",
    message: expect.stringMatching(
      /in 6711\d{4} bytes of 1 runs up to offset 6711\d{4}, at most 67108864 bytes/,
    ),
  });
});

test("too many small differences are refused too", async () => {
  const speckled = {
    length: 2 ** 40,
    read: async (_: number, count: number) => {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at += 64) bytes[at] = 1;
      return bytes;
    },
  };
  await expect(diffSources(constant(2 ** 40, 0), speckled)).rejects.toMatchObject({
    code: "STAMP_FILE_TOO_LARGE",
    message: expect.stringContaining("at most 67108864 bytes of 262144 runs fit"),
  });
});

test("the largest patch that is let through can be encoded", async () => {
  const length = 60 << 20;
  const found = await diffSources(constant(length, 0), constant(length, 1));
  expect(encodeStamp({ name: "all", artifacts: [], ...found }).length).toBeLessThan(20_000);
});

test("comparing tells how far it is, and stops when it is told to", async () => {
  const progress: number[] = [];
  const source = new MemorySource(base);
  await diffSources(source, source, { onProgress: (done) => progress.push(done) });
  expect(progress).toEqual([1 << 20, 2 << 20, 3 << 20, base.length]);
  const stop = new AbortController();
  const onProgress = (): void => stop.abort(new Error("enough"));
  await expect(diffSources(source, source, { onProgress, signal: stop.signal })).rejects.toThrow("enough");
});

test("an image that changes while it is compared is noticed", async () => {
  let reads = 0;
  const restless = {
    length: 1000,
    read: async (_: number, count: number) => new Uint8Array(count).fill(++reads),
  };
  await expect(diffSources(constant(1000, 0), restless)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
});

test("a patch of whole blocks is trimmed to what differs", async () => {
  const source = new MemorySource(base);
  const block = base.slice(8192, 12_288);
  block[100] = 1 ^ (block[100] ?? 0);
  const same = base.slice(20_480, 24_576);
  const patch = patchOf(base, [
    { offset: 8192, bytes: block },
    { offset: 20_480, bytes: same },
  ]);
  expect(await trimPatch(source, patch)).toEqual(
    patchOf(base, [{ offset: 8292, bytes: block.slice(100, 101) }]),
  );
});
