import { crc32 } from "node:zlib";
import { MemorySource } from "@bootstamp/byte-source";
import { pressInMemory, randomBytes, textBytes, unpackInMemory } from "@bootstamp/format-contract";
import { type Extent, MapError } from "@bootstamp/segment-map";
import { zstd } from "@bootstamp/zstd";
import { xxhash64 } from "hash-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

// Offsets as in FORMAT.md, from the record's beginning.
const magic = 8;
const version = 12;
const engineLength = 14;
const reserved = 15;
const rawLength = 16;
const runCount = 28;
const runs = 32;
const entryLength = 12;

const stored = [
  { offset: 8192, length: 4096 },
  { offset: 20_480, length: 8192 },
];
/** Text, stored noise, text, stored noise, zeros: one frame each. */
const lengths = [8192, 4096, 8192, 8192, 13_000];
const image = Buffer.concat([
  textBytes(8192),
  randomBytes(4096),
  textBytes(8192, 2),
  randomBytes(8192, 2),
  Buffer.alloc(13_000),
]);
const frameCount = lengths.length;

let file = Buffer.alloc(0);
let table = 0;
let record = 0;
beforeAll(async () => {
  file = Buffer.from(await pressInMemory(zstd, new MemorySource(image), stored, {}));
  table = file.length - (8 + (frameCount + 1) * entryLength + 9);
  record = table - file.readUInt32LE(table + 8 + frameCount * entryLength);
});

/** A file with some bytes changed by somebody who knows how to make the record's checksum right. */
function forged(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(file);
  change(bytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(record + magic, table - 4)), table - 4);
  return bytes;
}

function entryOf(frame: number): number {
  return table + 8 + frame * entryLength;
}

async function codeOf(bytes: Uint8Array): Promise<string> {
  try {
    await unpackInMemory(zstd, bytes);
    return "none";
  } catch (error) {
    if (error instanceof MapError) return error.code;
    throw error;
  }
}

test("record and seek table are what FORMAT.md says", async () => {
  expect(file.readUInt32LE(table)).toBe(0x184d_2a5e);
  expect(file.readUInt32LE(table + 4)).toBe(file.length - table - 8);
  expect(file.subarray(-9).toString("hex")).toBe("0600000080b1ea928f");
  expect(file.readUInt32LE(record)).toBe(0x184d_2a53);
  expect(file.readUInt32LE(record + 4)).toBe(table - record - 8);
  expect(file.subarray(record + magic, record + version).toString()).toBe("bstm");
  expect(file.readUInt16LE(record + version)).toBe(1);
  expect(file.readBigUInt64LE(record + rawLength)).toBe(BigInt(image.length));
  expect(file.readUInt32LE(record + 24)).toBe(crc32(image));
  expect(file.readUInt32LE(record + runCount)).toBe(frameCount);
  const kinds = lengths.map((_, index) => file.readUInt32LE(record + runs + 4 * index));
  expect(kinds).toEqual([4 + 0, 4 + 2, 4 + 0, 4 + 2, 4 + 1]);
  const engine = `zstd ${process.versions.zstd} level 3`;
  expect(file.readUInt8(record + engineLength)).toBe(engine.length);
  expect(file.subarray(record + runs + 4 * frameCount, table - 8).toString()).toBe(engine);
  expect(file.readUInt32LE(table - 8)).toBe(crc32(image));
  expect(file.readUInt32LE(table - 4)).toBe(crc32(file.subarray(record + magic, table - 4)));
});

test("the seek table lists every frame with its lengths and the XXH64 of what it comes to", async () => {
  let packedEnd = 0;
  let rawEnd = 0;
  for (const [frame, length] of [...lengths, 0].entries()) {
    const digest = await xxhash64(image.subarray(rawEnd, rawEnd + length));
    expect(file.readUInt32LE(entryOf(frame) + 4)).toBe(length);
    expect(file.readUInt32LE(entryOf(frame) + 8)).toBe(Number.parseInt(digest.slice(8), 16));
    packedEnd += file.readUInt32LE(entryOf(frame));
    rawEnd += length;
    if (length === 0) continue;
    expect(file.readUInt32LE(packedEnd - 4)).toBe(file.readUInt32LE(entryOf(frame) + 8));
  }
  expect(packedEnd).toBe(table);
  expect(rawEnd).toBe(image.length);
});

/** The frames of a file in which zstd itself compressed nothing, as the bytes that they must be. */
async function framesOf(bytes: Uint8Array, whole: readonly Extent[]): Promise<string> {
  const packed = await pressInMemory(zstd, new MemorySource(bytes), whole, {});
  const { segments } = await zstd.readMap(new MemorySource(packed));
  const end = segments.reduce((sum, { packedLength }) => sum + packedLength, 0);
  return Buffer.from(packed.subarray(0, end)).toString("hex");
}

test("frames that zstd does not make are the same everywhere", async () => {
  const all = [{ offset: 0, length: 512 }];
  expect(await framesOf(Buffer.alloc(512, 0x61), all)).toBe(
    `28b52ffda400020000011000${"61".repeat(512)}c7e121b8`,
  );
  expect(await framesOf(Buffer.alloc(5), [])).toBe(`28b52ffda405000000290000${"00".repeat(5)}48c6a8b7`);
  expect(await framesOf(Buffer.alloc(131_072 + 17), [])).toBe(
    `28b52ffda411000200800000${"00".repeat(16)}020010000b000000ac860670`,
  );
  const nothing = Buffer.from(await pressInMemory(zstd, new MemorySource(new Uint8Array()), [], {}));
  expect(nothing.subarray(0, 16).toString("hex")).toBe("28b52ffda40000000001000099e9d851");
});

describe("a record that is made to do harm", () => {
  const forgeries: readonly (readonly [name: string, code: string, change: (bytes: Buffer) => void])[] = [
    ["of version 2", "MAP_VERSION", (bytes) => bytes.writeUInt16LE(2, record + version)],
    ["with a reserved byte", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(1, record + reserved)],
    ["with an engine beyond its end", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(255, record + engineLength)],
    ["with an engine one shorter", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(16, record + engineLength)],
    ["with control characters in it", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(0x1b, table - 9)],
    ["with no runs", "MAP_DAMAGED", (bytes) => bytes.writeUInt32LE(0, record + runCount)],
    ["with 2^32 - 1 runs", "MAP_DAMAGED", (bytes) => bytes.writeUInt32LE(0xffff_ffff, record + runCount)],
    ["with an empty run", "MAP_DAMAGED", (bytes) => bytes.writeUInt32LE(1, record + runs)],
    ["with a run of no kind", "MAP_DAMAGED", (bytes) => bytes.writeUInt32LE(4 + 3, record + runs)],
    ["with a run of two", "MAP_INCONSISTENT", (bytes) => bytes.writeUInt32LE(8, record + runs)],
    ["with a run of 2^30", "MAP_INCONSISTENT", (bytes) => bytes.writeUInt32LE(0xffff_fffc, record + runs)],
    ["of another number's skippable frame", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(0x50, record)],
    [
      "of a frame one byte shorter",
      "MAP_DAMAGED",
      (bytes) => bytes.writeUInt32LE(table - record - 9, record + 4),
    ],
    ["of an image of nothing", "MAP_INCONSISTENT", (bytes) => bytes.fill(0, record + rawLength, record + 24)],
    ["of a longer image", "MAP_INCONSISTENT", (bytes) => bytes.writeUInt32LE(50_000, record + rawLength)],
    [
      "of an image beyond 2^63",
      "MAP_INCONSISTENT",
      (bytes) => bytes.writeUInt8(0xff, record + rawLength + 7),
    ],
    ["of another base", "none", (bytes) => bytes.writeUInt32LE(1, record + 24)],
    ["of other bytes", "MAP_CHECKSUM", (bytes) => bytes.writeUInt32LE(1, table - 8)],
    [
      "with text passed off as stored",
      "MAP_INCONSISTENT",
      (bytes) => bytes.writeUInt32LE(4 + 2, record + runs),
    ],
    [
      "with text passed off as zeros",
      "MAP_INCONSISTENT",
      (bytes) => bytes.writeUInt32LE(4 + 1, record + runs),
    ],
    ["with zeros passed off as text", "none", (bytes) => bytes.writeUInt32LE(4 + 0, record + runs + 16)],
    ["with noise not called stored", "none", (bytes) => bytes.writeUInt32LE(4 + 0, record + runs + 4)],
  ];
  test.each(forgeries)("%s: %s", async (_name, code, change) => {
    expect(await codeOf(forged(change))).toBe(code);
  });

  test("is refused or harmless, whatever is in it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        fc.noBias(fc.nat(1000)).map((value) => value / 1000),
        async (bytes, at) => {
          const room = table - 4 - record;
          const offset = record + Math.floor(at * (room - Math.min(bytes.length, room)));
          const change = (copy: Buffer): void => copy.set(bytes.subarray(0, room), offset);
          expect(await codeOf(forged(change))).toMatch(/^(none|MAP_[A-Z_]+)$/);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("a segment that is passed off as zeros, in the very form that they have, is refused", async () => {
  const bytes = Buffer.from(file);
  const { segments } = await zstd.readMap(new MemorySource(bytes));
  const zeros = segments.at(-1);
  if (zeros?.kind !== "zero") throw new Error("there are no zeros");
  const end = zeros.packedOffset + zeros.packedLength;
  const other = Buffer.alloc(zeros.rawLength);
  // The byte that an RLE block repeats is its last.
  other.fill(1, 16);
  bytes.writeUInt8(1, end - 5);
  const checksum = Number.parseInt((await xxhash64(other)).slice(8), 16);
  bytes.writeUInt32LE(checksum, end - 4);
  bytes.writeUInt32LE(checksum, entryOf(frameCount - 1) + 8);
  expect(await codeOf(bytes)).toBe("MAP_SEGMENT_DAMAGED");
});

describe("a seek table that is made to do harm", () => {
  const forgeries: readonly (readonly [name: string, code: string, change: (bytes: Buffer) => void])[] = [
    ["with a reserved bit", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(0x84, bytes.length - 5)],
    ["without checksums", "MAP_DAMAGED", (bytes) => bytes.writeUInt8(0x00, bytes.length - 5)],
    ["of 2^32 - 1 frames", "MAP_DAMAGED", (bytes) => bytes.writeUInt32LE(0xffff_ffff, bytes.length - 9)],
    ["of 2^22 frames", "MAP_DAMAGED", (bytes) => bytes.writeUInt32LE(1 << 22, bytes.length - 9)],
    ["of one frame less", "MAP_DAMAGED", (bytes) => bytes.writeUInt32LE(frameCount, bytes.length - 9)],
    ["of no frame", "MAP_DAMAGED", (bytes) => bytes.writeUInt32LE(0, bytes.length - 9)],
    ["with another length", "MAP_DAMAGED", (bytes) => bytes.writeUInt32LE(1, table + 4)],
    ["with a frame of nothing", "MAP_INCONSISTENT", (bytes) => bytes.writeUInt32LE(0, entryOf(0))],
    ["with a frame beyond it", "MAP_INCONSISTENT", (bytes) => bytes.writeUInt32LE(0xffff_ffff, entryOf(0))],
    ["with a frame one byte longer", "MAP_INCONSISTENT", (bytes) => addTo(bytes, entryOf(0), 1)],
    [
      "with one byte moved from a frame to the next",
      "MAP_INCONSISTENT",
      (bytes) => {
        addTo(bytes, entryOf(0), -1);
        addTo(bytes, entryOf(1), 1);
      },
    ],
    ["with another raw length", "MAP_INCONSISTENT", (bytes) => addTo(bytes, entryOf(0) + 4, 1)],
    [
      "with raw lengths exchanged",
      "MAP_SEGMENT_DAMAGED",
      (bytes) => {
        addTo(bytes, entryOf(0) + 4, -1);
        addTo(bytes, entryOf(2) + 4, 1);
      },
    ],
    [
      "with 4 GiB in a frame",
      "MAP_INCONSISTENT",
      (bytes) => bytes.writeUInt32LE(0xffff_ffff, entryOf(0) + 4),
    ],
    ["with another checksum", "MAP_SEGMENT_DAMAGED", (bytes) => addTo(bytes, entryOf(1) + 8, 1)],
    [
      "with a record that comes to something",
      "MAP_SEGMENT_DAMAGED",
      (bytes) => addTo(bytes, entryOf(frameCount) + 4, 1),
    ],
  ];
  test.each(forgeries)("%s: %s", async (_name, code, change) => {
    const bytes = Buffer.from(file);
    change(bytes);
    expect(await codeOf(bytes)).toBe(code);
  });
});

function addTo(bytes: Buffer, offset: number, difference: number): void {
  bytes.writeUInt32LE(bytes.readUInt32LE(offset) + difference, offset);
}

/** What reading a damaged file comes to: the place of the damage where it has one, else the code. */
async function placeOf(bytes: Uint8Array): Promise<string> {
  try {
    const { raw } = await unpackInMemory(zstd, bytes);
    return Buffer.compare(raw, image) === 0 ? "unharmed" : "wrong";
  } catch (error) {
    if (!(error instanceof MapError)) throw error;
    const { rawOffset, packedOffset } = error.fields;
    return error.code === "MAP_SEGMENT_DAMAGED"
      ? `${String(rawOffset)} at ${String(packedOffset)}`
      : error.code;
  }
}

describe("damage is located", () => {
  test("to the frame that it is in", async () => {
    const { segments } = await zstd.readMap(new MemorySource(file));
    for (const { rawOffset, packedOffset, packedLength } of segments) {
      for (let at = packedOffset; at < packedOffset + packedLength; at += 7) {
        const bytes = Buffer.from(file);
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
        // The beginning of a file says what file it is. And a compressed block may have a bit that changes nothing.
        const expected = at < 4 ? ["MAP_NOT_THIS_FORMAT"] : [`${rawOffset} at ${packedOffset}`, "unharmed"];
        expect(expected).toContain(await placeOf(bytes));
      }
    }
  });

  test("to record and seek table, of which every bit is checked", async () => {
    for (let bit = record * 8; bit < file.length * 8; bit++) {
      const at = bit >> 3;
      const bytes = Buffer.from(file);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit & 7)), at);
      expect(await codeOf(bytes)).toMatch(/^MAP_/);
    }
  });

  test("to the header of any frame, of which every bit is checked", async () => {
    const { segments } = await zstd.readMap(new MemorySource(file));
    for (const { rawOffset, packedOffset } of segments) {
      for (let bit = packedOffset * 8; bit < (packedOffset + 9) * 8; bit++) {
        const bytes = Buffer.from(file);
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        const expected = bit < 32 ? "MAP_NOT_THIS_FORMAT" : `${rawOffset} at ${packedOffset}`;
        expect(await placeOf(bytes)).toBe(expected);
      }
    }
  });
});

test("a frame of another program in the record's place is none of ours, and says nothing of a base", async () => {
  const bytes = Buffer.from(file);
  bytes.write("else", record + magic);
  bytes.writeUInt32LE(0, table - 4);
  const { map, raw } = await unpackInMemory(zstd, bytes);
  expect(Buffer.compare(raw, image)).toBe(0);
  expect(map).toMatchObject({ base: undefined, rawCrc32: undefined, engine: undefined });
});

test("every frame begins with the header that follows from its length", async () => {
  const { segments } = await zstd.readMap(new MemorySource(file));
  for (const { packedOffset, rawLength: length } of segments) {
    expect(file.readUInt32LE(packedOffset)).toBe(0xfd2f_b528);
    expect(file.readUInt8(packedOffset + 4)).toBe(0xa4);
    expect(file.readUInt32LE(packedOffset + 5)).toBe(length);
  }
});

test("a patch is not sealed, and stored bytes are not read, behind a header with a spare bit set", async () => {
  const bytes = Buffer.from(file);
  const map = await zstd.readMap(new MemorySource(bytes));
  const segment = map.segments.find(({ kind }) => kind === "stored");
  if (segment === undefined) throw new Error("nothing is stored");
  const { rawOffset, packedOffset } = segment;
  bytes.writeUInt8(0xa4 | 0x10, packedOffset + 4);
  const source = new MemorySource(bytes);
  const run = {
    offset: rawOffset,
    bytes: new Uint8Array(1),
    replacedCrc32: crc32(image.subarray(rawOffset, rawOffset + 1)),
  };
  const fault = { code: "MAP_SEGMENT_DAMAGED", fields: { rawOffset, packedOffset } };
  await expect(zstd.seal(map, [run], source)).rejects.toMatchObject(fault);
  await expect(zstd.readStored(map, segment, source, rawOffset, 1)).rejects.toMatchObject(fault);
});
