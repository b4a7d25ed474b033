import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type ByteSource, FileSource, MemorySource, type Overwrite } from "@bootstamp/byte-source";
import { format as gzip } from "@bootstamp/gzip";
import { pressImage } from "@bootstamp/press";
import type { SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import {
  stampableIdentity,
  stampFile,
  verifyArtifact,
  type VerifyRequest,
  type Vouched,
} from "@bootstamp/stamp";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeIdentity, identityFormat } from "./identity-format.ts";
import { noise, openFile, patchOf, temporaryDirectory, withOverwrites } from "./patched-bytes.ts";

// Text, so that what is not stored is compressed; and more than a segment.
const raw = Uint8Array.from({ length: (3 << 20) + 5 }, (_, at) => 97 + ((at * at) % 23));
const stored = [{ offset: 1 << 20, length: 1 << 16 }];
const base = { rawLength: raw.length, rawCrc32: crc32(raw) };
const overwrites = [
  { offset: (1 << 20) + 5000, bytes: noise(9000, 2) },
  { offset: (1 << 20) + 40_000, bytes: noise(1, 3) },
];
const stamp = stampOf(overwrites);
const other = stampOf([{ offset: (1 << 20) + 5000, bytes: noise(9000, 7) }]);

function stampOf(changes: readonly Overwrite[]): VerifyRequest["stamp"] {
  return { base, patch: patchOf(raw, changes) };
}

const directory = join(temporaryDirectory(), "artifacts");
let map: SegmentMap;
let artifact: Uint8Array;
let unstamped: Uint8Array;

beforeAll(async () => {
  mkdirSync(directory);
  const output = join(directory, "base.gz");
  const source = openFile(raw);
  map = (
    await pressImage({ base: source, format: gzip, settings: gzip.settle({}), stored, output, threads: 1 })
  ).map;
  source.close();
  const stampable = FileSource.open(output);
  const path = join(directory, "variant.gz");
  await stampFile({ format: gzip, map, stampable, patch: stamp.patch, output: path });
  stampable.close();
  unstamped = new Uint8Array(readFileSync(output));
  artifact = new Uint8Array(readFileSync(path));
});

function verified(
  bytes: Uint8Array,
  of: VerifyRequest["stamp"],
  format: StreamFormat = gzip,
): Promise<Vouched> {
  return verifyArtifact({ format, artifact: new MemorySource(bytes), stamp: of });
}

function verifiedRaw(bytes: Uint8Array, of: VerifyRequest["stamp"]): Promise<Vouched> {
  return verifyArtifact({ artifact: new MemorySource(bytes), stamp: of });
}

/** A copy of the artifact in which one byte is another. */
function changed(at: number): Uint8Array {
  const bytes = new Uint8Array(artifact);
  bytes[at] = 1 ^ (bytes[at] ?? 0);
  return bytes;
}

describe("an artifact", () => {
  test("is its base with its stamp", async () => {
    const vouched = { base: true, rawCrc32: true };
    expect(await verified(artifact, stamp)).toEqual(vouched);
    expect(await verified(unstamped, stampOf([]))).toEqual(vouched);
  });

  test("is not the base with another stamp, or with none", async () => {
    for (const [bytes, of] of [
      [artifact, other],
      [artifact, stampOf([])],
      [unstamped, stamp],
    ] as const) {
      await expect(verified(bytes, of)).rejects.toMatchObject({ code: "STAMP_OTHER_VARIANT" });
    }
  });

  test("is of its base alone", async () => {
    for (const wrong of [
      { ...base, rawCrc32: 1 },
      { ...base, rawLength: raw.length + 1 },
    ]) {
      await expect(verified(artifact, { ...stamp, base: wrong })).rejects.toMatchObject({
        code: "STAMP_OTHER_BASE",
      });
    }
  });

  test("is told by its bytes if its checksum was made to fit", async () => {
    // The trailer of the other variant, on the bytes of this one.
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32LE(crc32(withOverwrites(raw, [{ offset: (1 << 20) + 5000, bytes: noise(9000, 7) }])));
    const forged = new Uint8Array(artifact);
    forged.set(trailer, forged.length - 8);
    await expect(verified(forged, other)).rejects.toMatchObject({
      code: "STAMP_OTHER_VARIANT",
      message: expect.stringContaining(`raw offset ${(1 << 20) + 5000}`),
    });
  });

  test("is told by its checksum if that alone is another", async () => {
    await expect(verified(changed(artifact.length - 8), stamp)).rejects.toMatchObject({
      code: "STAMP_OTHER_VARIANT",
    });
  });

  test("that is damaged in its map is damaged, and no other variant", async () => {
    await expect(verified(changed(20), stamp)).rejects.toMatchObject({
      code: expect.stringMatching(/^MAP_/),
    });
  });

  test("may have been spliced: compressed segments are decoded", async () => {
    const bytes = withOverwrites(raw, [{ offset: 10, bytes: noise(500, 5) }]);
    const format = compressedIdentity();
    const spliced = { base, patch: patchOf(raw, [{ offset: 10, bytes: noise(500, 5) }]) };
    expect(await verified(encodeIdentity(bytes), spliced, format)).toEqual({ base: false, rawCrc32: true });
    await expect(verified(encodeIdentity(raw), spliced, format)).rejects.toMatchObject({
      code: "STAMP_OTHER_VARIANT",
    });
  });

  test("may be a raw image", async () => {
    const bytes = withOverwrites(raw, overwrites);
    expect(await verifiedRaw(bytes, stamp)).toEqual({ base: false, rawCrc32: false });
    await expect(verifiedRaw(raw, stamp)).rejects.toMatchObject({ code: "STAMP_OTHER_VARIANT" });
    await expect(verifiedRaw(bytes.subarray(1), stamp)).rejects.toMatchObject({ code: "STAMP_OTHER_BASE" });
  });

  test("is not read where the stamp has not been", async () => {
    const reads: number[] = [];
    const source = new MemorySource(artifact);
    const counted: ByteSource = {
      length: source.length,
      read: async (offset, length) => {
        reads.push(length);
        return await source.read(offset, length);
      },
    };
    await verifyArtifact({ format: gzip, artifact: counted, stamp });
    expect(reads.reduce((sum, length) => sum + length, 0)).toBeLessThan(4 << 16);
  });
});

/** Of which no segment is stored, as if the whole of it had been spliced; and that keeps no base. */
function compressedIdentity(): StreamFormat {
  const identity = identityFormat();
  return {
    ...identity,
    readMap: async (packed) => {
      const read = await identity.readMap(packed);
      const segments = read.segments.map((segment) =>
        Object.assign(segment, { kind: "compressed" as const }),
      );
      return { ...read, base: undefined, segments };
    },
  };
}

test("the identity of a stampable file is that of its artifacts, and of no other file", async () => {
  const identity = stampableIdentity(map);
  expect(identity).toMatch(/^[0-9a-f]{64}$/);
  expect(stampableIdentity(await gzip.readMap(new MemorySource(artifact)))).toBe(identity);
  const others = [
    { ...map, packedLength: map.packedLength + 1 },
    { ...map, engine: "another" },
    { ...map, base: { rawLength: raw.length, rawCrc32: 1 } },
    { ...map, segments: map.segments.slice(1) },
  ].map(stampableIdentity);
  expect(new Set([identity, ...others]).size).toBe(5);
});
