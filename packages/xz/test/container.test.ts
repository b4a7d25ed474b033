import { MemorySource } from "@bootstamp/byte-source";
import { randomBytes, textBytes, unpackInMemory } from "@bootstamp/format-contract";
import { storedExtents } from "@bootstamp/segment-map";
import { requires, runBytes } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";
import { describe, expect, test } from "vitest";
import { faultOf } from "./fixtures/fault-code.ts";
import {
  block,
  file,
  footer,
  header,
  index,
  indexOf,
  lzma2,
  padded,
  sizedBlock,
  storedBlock,
  storedData,
  u32,
  vli,
  withCrc,
} from "./fixtures/xz-file.ts";

const text = textBytes(5000);
const noise = randomBytes(150_000);
const good = file([storedBlock(text), storedBlock(noise)]);
const [one] = [storedBlock(text)];

/** The same file with some of its bytes replaced; CRCs are not made right again. */
function changed(offset: number, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(good);
  copy.set(bytes, offset);
  return copy;
}

describe("a file made field by field", () => {
  test("is what xz reads", requires("xz"), async () => {
    const decoded = await runBytes("xz", ["-dc"], { input: good });
    expect(Buffer.compare(decoded, Buffer.concat([text, noise]))).toBe(0);
  });

  test("is read, with the CRC-32 that its blocks' come to", async () => {
    const { map, raw } = await unpackInMemory(xz, good);
    expect(Buffer.compare(raw, Buffer.concat([text, noise]))).toBe(0);
    expect(map.segments).toEqual([
      { kind: "stored", rawOffset: 0, rawLength: 5000, packedOffset: 12, packedLength: one.bytes.length },
      {
        kind: "stored",
        rawOffset: 5000,
        rawLength: noise.length,
        packedOffset: 12 + one.bytes.length,
        packedLength: storedBlock(noise).bytes.length,
      },
    ]);
    expect(map).toMatchObject({ format: "xz", base: undefined, engine: undefined });
    expect(map.rawCrc32).toBeTypeOf("number");
  });
});

describe("a good file that looks otherwise is read", () => {
  const data = storedData(text);
  test.each([
    ["no lengths in its block headers", file([block({ data, raw: text })]), false],
    [
      "only one length in its block headers",
      file([block({ data, raw: text, rawLength: text.length })]),
      false,
    ],
    [
      "a block header of 1024 bytes",
      file([sizedBlock(data, text, { headerPadding: Buffer.alloc(1003) })]),
      false,
    ],
    ["chunks of another length", file([sizedBlock(storedData(text, 1000), text)]), false],
    ["blocks of nothing", file([sizedBlock(Buffer.of(0), Buffer.alloc(0)), one]), true],
    [
      "a dictionary of 4 GiB - 1 for a small block",
      file([sizedBlock(data, text, { filters: [[0x21, [40]]] })]),
      true,
    ],
    ["no check", file([sizedBlock(data, text, { check: Buffer.alloc(0) })], 0), true],
  ])("with %s", async (_name, packed, stored) => {
    const { map, raw } = await unpackInMemory(xz, packed);
    expect(Buffer.compare(raw, text)).toBe(0);
    expect(storedExtents(map)).toEqual(stored ? [{ offset: 0, length: text.length }] : []);
  });

  test("with nothing in it", async () => {
    expect((await unpackInMemory(xz, file([]))).raw).toEqual(new Uint8Array());
    expect((await unpackInMemory(xz, file([sizedBlock(Buffer.of(0), Buffer.alloc(0))]))).raw.length).toBe(0);
  });
});

describe("a good file that cannot be stamped is said to have no map:", () => {
  const data = storedData(text);
  const withFilters = (filters: BlockFilters): Buffer => file([sizedBlock(data, text, { filters })]);
  test.each([
    ["a filter before LZMA2", withFilters([[0x04, []], lzma2]), "0x4, 0x21"],
    ["four filters", withFilters([[3, [0]], [3, [1]], [3, [2]], lzma2]), "0x3, 0x3, 0x3, 0x21"],
    ["another filter alone", withFilters([[0x03, [0]]]), "0x3"],
    ["a filter of somebody's own", withFilters([[2 ** 52, [1, 2, 3]]]), "0x10000000000000"],
    ["LZMA2 with other properties", withFilters([[0x21, [0, 0]]]), "0x21"],
    ["a dictionary size that is none", withFilters([[0x21, [41]]]), "41"],
    ["two streams", Buffer.concat([good, good]), "streams"],
    ["stream padding", Buffer.concat([good, Buffer.alloc(8)]), "padding"],
    ["a check that no program defines", file([one], 2), "check has number 2"],
  ])("%s", async (_name, packed, words) => {
    const fault = await faultOf(packed);
    expect(fault.code).toBe("MAP_MISSING");
    expect(fault.message).toContain(words);
  });

  test("a dictionary longer than this program holds", async () => {
    const large = sizedBlock(storedData(text), text, { rawLength: 2 ** 30, filters: [[0x21, [37]]] });
    const record = [large.unpaddedLength, 2 ** 30] as const;
    const fault = await faultOf(file([large], 1, index([record])));
    expect(fault.code).toBe("MAP_MISSING");
    expect(fault.message).toContain(`dictionary of ${2 ** 30} bytes`);
  });
});

type BlockFilters = NonNullable<Parameters<typeof block>[0]["filters"]>;

describe("a newer kind of file is said to be one:", () => {
  test.each([
    ["stream flags", Buffer.concat([header([1, 1]), good.subarray(12)])],
    ["stream flags, the other byte", Buffer.concat([header([0, 0x11]), good.subarray(12)])],
    ["block flags", file([sizedBlock(storedData(text), text, { flags: 0xc4 })])],
  ])("%s", async (_name, packed) => {
    expect((await faultOf(packed)).code).toBe("MAP_VERSION");
  });
});

describe("damage around the blocks is told from parts that do not fit:", () => {
  const indexField = indexOf([one]);
  const withIndex = (field: Buffer): Buffer => file([one], 1, field);
  const recordOf = [one.unpaddedLength, one.rawLength] as const;
  const { length } = indexField;
  const huge = 2n ** 63n - 1n;

  test.each([
    ["the header's CRC-32", changed(8, u32(0))],
    ["the footer's CRC-32", changed(good.length - 12, u32(0))],
    ["the index's CRC-32", changed(good.length - 16, u32(0))],
    ["an index that begins as a block does", withIndex(withCrc(Buffer.of(1, ...indexField.subarray(1, -4))))],
    ["more records than there is room for", withIndex(index([recordOf], 1000))],
    ["2^40 records", withIndex(index([recordOf], 2 ** 40))],
    ["2^63 - 1 records", withIndex(index([recordOf], huge))],
    [
      "a number of 10 bytes",
      withIndex(withCrc(padded(Buffer.concat([Buffer.of(0), Buffer.alloc(9, 0xff), vli(1)])))),
    ],
    ["a number with a zero byte at its end", withIndex(withCrc(Buffer.of(0, 0x81, 0x00, 0)))],
    ["a block of less than any block", withIndex(index([[4, 10]]))],
    ["a block longer than the file", withIndex(index([[2 ** 40, 10]]))],
    ["a block of 2^63 - 1 bytes", withIndex(index([[huge, 10]]))],
    ["a raw length of 2^63 - 1", withIndex(index([[one.unpaddedLength, huge]]))],
    [
      "raw lengths that add up beyond 2^53",
      withIndex(
        index([
          [20, 2 ** 53 - 1],
          [20, 2 ** 53 - 1],
        ]),
      ),
    ],
    ["a record too many behind the count", withIndex(index([recordOf, recordOf], 1))],
    [
      "padding that is not zero",
      withIndex(withCrc(Buffer.concat([indexField.subarray(0, -5), Buffer.of(9)]))),
    ],
  ])("%s is damage", async (_name, packed) => {
    expect((await faultOf(packed)).code).toBe("MAP_DAMAGED");
  });

  test.each([
    ["a block header's CRC-32", changed(12 + 12, u32(0))],
    ["a block header of 4 bytes", changed(12, Buffer.of(0))],
    ["a block header longer than its block", changed(12, Buffer.of(255))],
  ])("%s is damage to the block", async (_name, packed) => {
    const fields = { rawOffset: 0, packedOffset: 12 };
    expect(await faultOf(packed)).toMatchObject({ code: "MAP_SEGMENT_DAMAGED", fields });
  });

  test.each([
    ["an index length beyond the file", Buffer.concat([good.subarray(0, -12), footer(2 ** 34)])],
    ["an index length that is too short", Buffer.concat([good.subarray(0, -12), footer(4)])],
    ["another check in the footer", Buffer.concat([header(), one.bytes, indexField, footer(length, [0, 4])])],
    ["another check in the header", Buffer.concat([header([0, 4]), one.bytes, indexField, footer(length)])],
    [
      "blocks that the index does not know",
      Buffer.concat([header(), one.bytes, one.bytes, indexField, footer(length)]),
    ],
    ["fewer blocks than the index knows", file([], 1, indexField)],
    ["another raw length in the header", file([sizedBlock(storedData(text), text, { rawLength: 4999 })])],
    ["another data length in the header", file([sizedBlock(storedData(text), text, { dataLength: 5000 })])],
    ["an end that is no footer", Buffer.concat([good, randomBytes(40)])],
    ["a length that is no multiple of 4", Buffer.concat([good, Buffer.of(0)])],
    ["a header alone", header()],
    ["half a header", header().subarray(0, 8)],
  ])("%s does not fit", async (_name, packed) => {
    expect(["MAP_INCONSISTENT", "MAP_DAMAGED"]).toContain((await faultOf(packed)).code);
  });

  test("an index that is too long to be read is not read", async () => {
    const claimed = 2 ** 30;
    const end = Buffer.concat([footer(claimed)]);
    const source = {
      length: 2 ** 40,
      read: async (offset: number, count: number) => {
        if (offset === 0) return new Uint8Array(header());
        expect(count).toBeLessThanOrEqual(1 << 20);
        return new Uint8Array(end);
      },
    };
    await expect(xz.readMap(source)).rejects.toMatchObject({ code: "MAP_MISSING" });
  });
});

test("a file of many small blocks is read in large steps", async () => {
  const blocks = Array.from({ length: 2000 }, (_, at) => storedBlock(textBytes(100, at)));
  let reads = 0;
  const memory = new MemorySource(new Uint8Array(file(blocks)));
  const source = {
    length: memory.length,
    read: async (offset: number, count: number) => {
      reads++;
      return await memory.read(offset, count);
    },
  };
  expect((await xz.readMap(source)).segments.length).toBe(2000);
  expect(reads).toBeLessThan(200);
});
