import { crc32 } from "node:zlib";
import { MemorySource } from "@bootstamp/byte-source";
import { pressInMemory, randomBytes, textBytes, unpackInMemory } from "@bootstamp/format-contract";
import { gzip } from "@bootstamp/gzip";
import { MapError } from "@bootstamp/segment-map";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

/** Offsets as in FORMAT.md, "gzip map", from the file's beginning. */
const xlen = 10;
const payload = 16;
const version = payload + 4;
const segmentLog2 = payload + 6;
const width = payload + 7;
const rawLength = payload + 8;
const engineLength = payload + 20;

const stored = [{ offset: 8192, length: 4096 }];
const image = Buffer.concat([textBytes(8192), randomBytes(4096), textBytes(9000)]);
let file = Buffer.alloc(0);
/** Where the list of stored extents begins. */
let extents = 0;
/** Where the entries begin: 1 (count), 2 (first extent). Each has 3 bytes of packed length, and 2 of check. */
let entries = 0;
const entryLength = 5;
beforeAll(async () => {
  file = Buffer.from(await pressInMemory(gzip, new MemorySource(image), stored, { engine: "zlib" }));
  extents = engineLength + 1 + file.readUInt8(engineLength);
  entries = extents + 3;
});

/** A map with some bytes changed by somebody who knows how to make its checksum right. */
function forged(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(file);
  change(bytes);
  return resealed(bytes);
}

function addTo(bytes: Buffer, offset: number, difference: number): void {
  bytes.writeUInt16LE((bytes.readUInt16LE(offset) + difference) & 0xffff, offset);
}

function resealed(bytes: Buffer): Buffer {
  const end = payload + bytes.readUInt16LE(payload - 2);
  bytes.writeUInt32LE(crc32(bytes.subarray(payload, end - 4)), end - 4);
  return bytes;
}

async function codeOf(bytes: Uint8Array): Promise<string> {
  try {
    await unpackInMemory(gzip, bytes);
    return "none";
  } catch (error) {
    if (error instanceof MapError) return error.code;
    throw error;
  }
}

test("the header is what FORMAT.md says", () => {
  expect(file.subarray(0, 10).toString("hex")).toBe("1f8b08040000000000ff");
  expect(file.readUInt16LE(12)).toBe(0x5342);
  expect(file.readUInt16LE(14) + 4).toBe(file.readUInt16LE(xlen));
  expect(file.subarray(payload, payload + 4).toString()).toBe("bstm");
  expect(file.readUInt16LE(version)).toBe(1);
  expect(file.readUInt8(segmentLog2)).toBe(20);
  expect(file.readUInt8(width)).toBe(3);
  expect(file.readBigUInt64LE(rawLength)).toBe(21_288n);
  expect(file.subarray(extents, extents + 3).toString("hex")).toBe("010201");
  expect(entries + 2 * entryLength + 4).toBe(payload + file.readUInt16LE(14));
  expect(file.readUInt16LE(entries + 3)).toBe(crc32(image.subarray(0, 8192)) & 0xffff);
  expect(file.readUInt16LE(entries + entryLength + 3)).toBe(crc32(image.subarray(12_288)) & 0xffff);
});

test("files with no compressed byte in them are the same everywhere", async () => {
  const settings = { engine: "pako" };
  const nothing = await pressInMemory(gzip, new MemorySource(new Uint8Array()), [], settings);
  expect(Buffer.from(nothing).toString("hex")).toBe(
    "1f8b08040000000000ff" +
      "3000" +
      "42532c00" +
      "6273746d01001403" +
      "0000000000000000" +
      "00000000" +
      "1270616b6f20332e302e33206c6576656c2036" +
      "00" +
      "07b961a5" +
      "0300" +
      "00000000" +
      "00000000",
  );
  const block = Buffer.alloc(512, 0x61);
  const one = await pressInMemory(gzip, new MemorySource(block), [{ offset: 0, length: 512 }], settings);
  expect(Buffer.from(one.subarray(-10 - 517)).toString("hex")).toBe(
    `000002fffd${"61".repeat(512)}0300517051f900020000`,
  );
});

describe("a map that is made to do harm", () => {
  const forgeries: readonly (readonly [name: string, code: string, change: (bytes: Buffer) => void])[] = [
    ["of version 2", "MAP_VERSION", (bytes) => bytes.writeUInt16LE(2, version)],
    ["with segments of 2^19", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(19, segmentLog2)],
    ["with segments of 2^255", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(255, segmentLog2)],
    ["with packed lengths of 0 bytes", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(0, width)],
    ["with packed lengths of 4 bytes", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(4, width)],
    ["of an image beyond 2^53", "MAP_DAMAGED", (bytes) => bytes.writeBigUInt64LE(2n ** 53n, rawLength)],
    ["of an image beyond 2^47", "MAP_DAMAGED", (bytes) => bytes.writeBigUInt64LE(2n ** 47n + 1n, rawLength)],
    ["of an image of 2^47", "MAP_DAMAGED", (bytes) => bytes.writeBigUInt64LE(2n ** 47n, rawLength)],
    [
      "of an image one byte longer",
      "MAP_INCONSISTENT",
      (bytes) => bytes.writeBigUInt64LE(21_289n, rawLength),
    ],
    [
      "of an image that ends before its extent",
      "MAP_DAMAGED",
      (bytes) => bytes.writeBigUInt64LE(8192n, rawLength),
    ],
    ["with an engine longer than the map", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(255, engineLength)],
    ["with control characters in it", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(0x1b, engineLength + 1)],
    ["with 127 extents", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(127, extents)],
    ["with an endless number of extents", "MAP_DAMAGED", (bytes) => bytes.fill(0xff, extents, entries + 6)],
    ["with an empty extent", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(0, extents + 2)],
    ["with an extent behind the image", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(120, extents + 1)],
    ["with an extent out of the image", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(5, extents + 2)],
    ["with a segment of 0 bytes", "MAP_INCONSISTENT", (bytes) => bytes.writeUIntLE(0, entries, 3)],
    [
      "with a segment longer than stored",
      "MAP_INCONSISTENT",
      (bytes) => bytes.writeUIntLE(2 * 8198, entries, 3),
    ],
    ["with a segment of 8 MiB", "MAP_INCONSISTENT", (bytes) => bytes.writeUIntLE(0xff_ffff, entries, 3)],
    [
      "with a segment one byte shorter",
      "MAP_INCONSISTENT",
      (bytes) => bytes.writeUIntLE(bytes.readUIntLE(entries, 3) - 2, entries, 3),
    ],
    [
      "with one byte moved from a segment to the next",
      "MAP_SEGMENT_DAMAGED",
      (bytes) => {
        bytes.writeUIntLE(bytes.readUIntLE(entries, 3) - 2, entries, 3);
        bytes.writeUIntLE(bytes.readUIntLE(entries + entryLength, 3) + 2, entries + entryLength, 3);
      },
    ],
    [
      "with an empty segment before the next",
      "MAP_INCONSISTENT",
      (bytes) => {
        const both = (bytes.readUIntLE(entries, 3) + bytes.readUIntLE(entries + entryLength, 3)) / 2;
        bytes.writeUIntLE(0, entries, 3);
        bytes.writeUIntLE(2 * both, entries + entryLength, 3);
      },
    ],
    ["with another check", "MAP_SEGMENT_DAMAGED", (bytes) => addTo(bytes, entries + 3, 1)],
    ["with another check of its end", "MAP_SEGMENT_DAMAGED", (bytes) => addTo(bytes, entries + 8, 256)],
    [
      "with text passed off as zeros",
      "MAP_SEGMENT_DAMAGED",
      (bytes) => bytes.writeUIntLE(bytes.readUIntLE(entries, 3) | 1, entries, 3),
    ],
  ];
  test.each(forgeries)("%s is refused: %s", async (_name, code, change) => {
    expect(await codeOf(forged(change))).toBe(code);
  });

  test("is refused or harmless, whatever is in it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 80 }),
        fc.noBias(fc.nat(1000)).map((value) => value / 1000),
        async (bytes, at) => {
          const length = file.readUInt16LE(14) - 4;
          const bytesIn = bytes.subarray(0, length);
          const offset = payload + Math.floor(at * (length - bytesIn.length));
          expect(await codeOf(forged((copy) => copy.set(bytesIn, offset)))).toMatch(/^(none|MAP_[A-Z_]+)$/);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("in an extra field of 65535 bytes is refused before it is read", async () => {
    const bytes = Buffer.concat([file.subarray(0, 16), Buffer.alloc(70_000)]);
    bytes.writeUInt16LE(65_535, xlen);
    bytes.writeUInt16LE(65_531, 14);
    expect(await codeOf(bytes)).toBe("MAP_DAMAGED");
  });
});

test("behind a header in which a bit was flipped is damaged, not missing", async () => {
  // ID1, ID2 and CM apart: with another one it is no gzip.
  const codes = new Set<string>();
  for (let bit = 24; bit < 8 * version; bit++) {
    const bytes = Buffer.from(file);
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    codes.add(await codeOf(bytes));
  }
  expect([...codes]).toEqual(["MAP_DAMAGED"]);
});

test.each(["BS", "BC", ""])("is missing where the header is another program's: %s", async (extra) => {
  const field = Buffer.concat([Buffer.from(extra), Buffer.from([4, 0]), Buffer.from("text")]);
  const head = Buffer.from([0x1f, 0x8b, 8, 4, 1, 2, 3, 4, 0, 3, field.length, 0]);
  expect(await codeOf(Buffer.concat([head, field, file.subarray(-200)]))).toBe("MAP_MISSING");
});

describe("a map of another length", () => {
  const first = 3;
  test.each([
    ["with two extents that touch", Uint8Array.of(2, 2, 1, 0, 1), first],
    ["with one entry too many", Uint8Array.of(1, 2, 1, 0, 0, 0, 0, 0), first],
    ["with half an entry too many", Uint8Array.of(1, 2, 1, 0), first],
    ["with one entry too few", Uint8Array.of(1, 2, 1), first + entryLength],
  ])("%s is refused", async (_name, bytes, count) => {
    const length = bytes.length - count;
    const changed = Buffer.concat([file.subarray(0, extents), bytes, file.subarray(extents + count)]);
    changed.writeUInt16LE(file.readUInt16LE(xlen) + length, xlen);
    changed.writeUInt16LE(file.readUInt16LE(14) + length, 14);
    expect(await codeOf(resealed(changed))).toBe("MAP_DAMAGED");
  });
});

test("every bit that a decoder looks at outside the compressed blocks is checked", async () => {
  const packed = file.length;
  const storedHeader = (await gzip.readMap(new MemorySource(file))).segments[1]?.packedOffset ?? 0;
  const ranges = [
    [0, payload + file.readUInt16LE(14)],
    [storedHeader, storedHeader + 5],
    [packed - 10, packed],
  ] as const;
  for (const [from, to] of ranges) {
    for (let bit = from * 8; bit < to * 8; bit++) {
      // The padding of a stored block's header (RFC 1951 §3.2.4) is nobody's, but we write zeros and want them.
      const bytes = Buffer.from(file);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await codeOf(bytes)).toMatch(/^MAP_/);
    }
  }
});

describe("a segment that does not hold what the map says", () => {
  const text = textBytes(8192);

  test("passes where it is the same in another form", async () => {
    expect(await codeOf(withFirstSegment(storedBlock(0, text)))).toBe("none");
  });

  test.each([
    ["ends the whole", storedBlock(1, text)],
    ["is one byte short", storedBlock(0, text.subarray(1))],
    ["ends within a block", storedBlock(0, text).subarray(0, -1)],
    ["is no deflate at all", Buffer.alloc(50, 0xff)],
    [
      "ends the whole before it ends",
      Buffer.concat([storedBlock(1, text.subarray(5)), storedBlock(0, text.subarray(0, 0))]),
    ],
  ])("is refused where it %s", async (_name, packed) => {
    expect(await codeOf(withFirstSegment(packed))).toBe("MAP_SEGMENT_DAMAGED");
  });
});

/** The file with other bytes for the first segment, which the map knows about, and a trailer that fits. */
function withFirstSegment(packed: Uint8Array): Buffer {
  const before = payload + file.readUInt16LE(14);
  const old = Math.floor(file.readUIntLE(entries, 3) / 2);
  const bytes = Buffer.concat([file.subarray(0, before), packed, file.subarray(before + old)]);
  bytes.writeUIntLE(packed.length * 2, entries, 3);
  return resealed(bytes);
}

/** A stored block (RFC 1951 §3.2.4), final or not. */
function storedBlock(final: 0 | 1, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(final, 0);
  header.writeUInt16LE(bytes.length, 1);
  header.writeUInt16LE(~bytes.length & 0xffff, 3);
  return Buffer.concat([header, bytes]);
}
