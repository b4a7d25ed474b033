import { constants, zstdCompressSync } from "node:zlib";
import { MemorySource } from "@bootstamp/byte-source";
import { decodeInMemory, mutation, randomBytes, textBytes } from "@bootstamp/format-contract";
import { checkSegmentMap, MapError } from "@bootstamp/segment-map";
import { zstd } from "@bootstamp/zstd";
import fc from "fast-check";
import { expect, test } from "vitest";
import { joined, skippable } from "./zst-parts.ts";

const note = skippable(0x184d_2a57, Buffer.from("not to be read"));

/** Frames with and without a content size, of text, noise and zeros, all with a checksum. */
function fileOf(seed: number): { readonly packed: Uint8Array; readonly parts: readonly Uint8Array[] } {
  const parts = [
    textBytes(3000, seed),
    randomBytes(700, seed),
    new Uint8Array(2000 + seed),
    textBytes(900, seed + 9),
  ];
  const frames = parts.map((part, index) => {
    const params = {
      [constants.ZSTD_c_checksumFlag]: 1,
      [constants.ZSTD_c_contentSizeFlag]: index % 2,
    };
    return zstdCompressSync(part, { params });
  });
  return { packed: joined(note, ...frames.flatMap((frame) => [frame, note])), parts };
}

test("whatever becomes of a file without a seek table, each frame that is read is one that was written", async () => {
  const one = fileOf(1);
  const two = fileOf(2);
  const { segments } = await zstd.readMap(new MemorySource(one.packed));
  const written = new Set([...one.parts, ...two.parts].map((part) => Buffer.from(part).toString("base64")));
  let read = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
      let bytes: Uint8Array = one.packed;
      for (const mutate of mutations) bytes = mutate({ bytes, other: two.packed, segments });
      try {
        const source = new MemorySource(bytes);
        const map = await zstd.readMap(source);
        checkSegmentMap(map);
        for (const segment of map.segments) {
          const raw = await decodeInMemory(zstd, map, segment, source);
          expect(written.has(Buffer.from(raw).toString("base64"))).toBe(true);
          read++;
        }
      } catch (error) {
        if (!(error instanceof MapError)) throw error;
      }
    }),
    { numRuns: 400 },
  );
  expect(read).toBeGreaterThan(0);
});
