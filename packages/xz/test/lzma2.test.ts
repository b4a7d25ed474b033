import { MemorySource } from "@bootstamp/byte-source";
import {
  mixedBytes,
  pressInMemory,
  randomBytes,
  textBytes,
  unpackInMemory,
} from "@bootstamp/format-contract";
import { requires, runBytes } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { faultOf } from "./fixtures/fault-code.ts";
import { type BlockFields, file, sizedBlock, storedData } from "./fixtures/xz-file.ts";

/** Ends with a byte below 32, at a multiple of 4: what follows it has the contexts that it has at the beginning. */
const text = Buffer.concat([textBytes(2999), Buffer.from("\n")]);
/** `text` as one LZMA chunk with all resets, as liblzma makes it; `E0 rawLength-1 codeLength-1 properties code 00`. */
let chunk = Buffer.alloc(0);
beforeAll(async () => {
  const packed = Buffer.from(await pressInMemory(xz, new MemorySource(text), [], { level: 0 }));
  const headerLength = (packed.readUInt8(12) + 1) * 4;
  const start = 12 + headerLength;
  chunk = packed.subarray(start, start + 6 + packed.readUInt16BE(start + 3) + 1);
});

test("a text of some thousand bytes is one LZMA chunk", () => {
  expect(chunk.readUInt8(0)).toBe(0xe0);
  expect(chunk.readUInt16BE(1)).toBe(text.length - 1);
});

/** The chunk with another control byte, and without its properties if the control byte announces none. */
function controlled(control: number): Buffer {
  const copy = Buffer.from(chunk);
  copy[0] = control;
  return control < 0xc0 ? Buffer.concat([copy.subarray(0, 5), copy.subarray(6)]) : copy;
}

const end = Buffer.of(0);
const storedText = (control: number): Buffer =>
  Buffer.concat([Buffer.of(control), storedData(text).subarray(1, -1)]);

function fileOf(data: Uint8Array, raw: Uint8Array, fields: Partial<BlockFields> = {}): Buffer {
  return file([sizedBlock(data, raw, fields)]);
}

describe("chunks of every kind decode", () => {
  const twice = Buffer.concat([text, text]);
  test.each([
    ["LZMA alone", () => [controlled(0xe0)], text],
    ["LZMA with all reset, twice", () => [controlled(0xe0), controlled(0xe0)], twice],
    ["LZMA with properties, after stored ones", () => [storedText(1), controlled(0xc0)], twice],
    ["LZMA with a state reset", () => [controlled(0xe0), controlled(0xa0)], twice],
    ["stored after LZMA", () => [controlled(0xe0), storedText(2)], twice],
    ["stored with a dictionary reset after LZMA", () => [controlled(0xe0), storedText(1)], twice],
  ])("%s", async (_name, chunks, raw) => {
    const packed = fileOf(Buffer.concat([...chunks(), end]), raw);
    expect(Buffer.compare((await unpackInMemory(xz, packed)).raw, raw)).toBe(0);
  });
});

describe("chunks out of order are damage, at the block's place", () => {
  const twice = Buffer.concat([text, text]);
  test.each([
    ["LZMA without a dictionary reset at the beginning", () => [controlled(0xc0)], text],
    ["stored without a dictionary reset at the beginning", () => [storedText(2)], text],
    ["LZMA without properties after stored ones", () => [storedText(1), controlled(0xa0)], twice],
    [
      "LZMA without properties after a later reset",
      () => [controlled(0xe0), storedText(1), controlled(0x80)],
      twice,
    ],
    ["a control byte that is none", () => [storedText(1), Buffer.of(3, 0, 0)], text],
    ["the last control byte that is none", () => [storedText(1), Buffer.of(0x7f, 0, 0)], text],
    ["more than the block is to hold", () => [controlled(0xe0), storedText(2)], text],
    ["less than the block is to hold", () => [controlled(0xe0)], twice],
    ["nothing", () => [], text],
    ["a chunk that is cut", () => [controlled(0xe0).subarray(0, 500)], text],
    ["a stored chunk that is cut", () => [storedText(1).subarray(0, 500)], text],
  ])("%s", async (_name, chunks, raw) => {
    const fault = await faultOf(fileOf(Buffer.concat([...chunks(), end]), raw));
    expect(fault).toMatchObject({ code: "MAP_SEGMENT_DAMAGED", fields: { rawOffset: 0, packedOffset: 12 } });
  });

  test("the end marker is missing", async () => {
    expect((await faultOf(fileOf(chunk, text))).code).toBe("MAP_SEGMENT_DAMAGED");
  });

  test("something follows the end marker", async () => {
    const data = Buffer.concat([chunk, end, Buffer.alloc(4)]);
    expect((await faultOf(fileOf(data, text))).message).toContain("its header says");
    const unsized = { dataLength: undefined } as unknown as Partial<BlockFields>;
    expect((await faultOf(fileOf(data, text, unsized))).message).toContain("its check begins at");
  });

  test("the padding is not zero", async () => {
    const data = Buffer.concat([chunk, end]);
    expect(data.length % 4).not.toBe(0);
    const padding = Buffer.alloc((4 - (data.length % 4)) % 4, 1);
    expect((await faultOf(fileOf(data, text, { padding }))).message).toContain("behind its data");
  });
});

describe("an LZMA chunk", () => {
  test.each([225, 255, 8 + 9 * 4, 3 + 9 * 2])("with the properties %d is refused", async (properties) => {
    const copy = Buffer.from(chunk);
    copy[5] = properties;
    expect((await faultOf(fileOf(Buffer.concat([copy, end]), text))).message).toContain(
      `properties ${properties}`,
    );
  });

  test("whose code does not begin with zero is refused", async () => {
    const copy = Buffer.from(chunk);
    copy[6] = 1;
    expect((await faultOf(fileOf(Buffer.concat([copy, end]), text))).message).toContain("does not begin");
  });

  test("of less code than any is refused", async () => {
    const copy = Buffer.from(chunk.subarray(0, 6 + 4));
    copy.writeUInt16BE(3, 3);
    expect((await faultOf(fileOf(Buffer.concat([copy, end]), text))).code).toBe("MAP_SEGMENT_DAMAGED");
  });

  test("whose code is longer or shorter than its header says is refused", async () => {
    for (const more of [-1, 1]) {
      const copy = Buffer.concat([
        chunk.subarray(0, chunk.length + Math.min(0, more)),
        Buffer.alloc(Math.max(0, more)),
      ]);
      copy.writeUInt16BE(copy.length - 6 - 1, 3);
      expect((await faultOf(fileOf(Buffer.concat([copy, end]), text))).code).toBe("MAP_SEGMENT_DAMAGED");
    }
  });

  test("with a match beyond the dictionary is refused, though the bytes are there", async () => {
    const far = Buffer.concat([randomBytes(6000), text, randomBytes(6000), text]);
    const packed = Buffer.from(await pressInMemory(xz, new MemorySource(far), [], {}));
    const start = 12 + (packed.readUInt8(12) + 1) * 4;
    const data = packed.subarray(start, start + 6 + packed.readUInt16BE(start + 3) + 1 + 1);
    expect(
      Buffer.compare((await unpackInMemory(xz, fileOf(data, far, { filters: [[0x21, [3]]] }))).raw, far),
    ).toBe(0);
    expect((await faultOf(fileOf(data, far))).message).toContain("goes back");
  });

  test("any of whose bits is changed is noticed, by itself or by the check", async () => {
    for (let offset = 0; offset < chunk.length; offset += 3) {
      const copy = Buffer.concat([chunk, end]);
      copy.writeUInt8(copy.readUInt8(offset) ^ (1 << (offset % 8)), offset);
      expect((await faultOf(fileOf(copy, text))).code).toBe("MAP_SEGMENT_DAMAGED");
    }
  });

  test("made of anything never crashes", async () => {
    const bytes = fc.uint8Array({ minLength: 5, maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.nat(224),
        fc.integer({ min: 1, max: 2 ** 21 }),
        async (code, properties, length) => {
          const head = Buffer.alloc(6);
          head.writeUInt8(0xe0 | ((length - 1) >> 16), 0);
          head.writeUInt16BE((length - 1) & 0xffff, 1);
          head.writeUInt16BE(code.length - 1, 3);
          head.writeUInt8(properties, 5);
          code[0] = 0;
          const packed = fileOf(Buffer.concat([head, code, end]), Buffer.alloc(0), { rawLength: length });
          expect((await faultOf(packed)).name).toBe("MapError");
        },
      ),
      { numRuns: 200 },
    );
  });
});

function pack(raw: Uint8Array, ...options: readonly string[]): Promise<Buffer> {
  return runBytes("xz", ["-c", "--check=crc32", ...options], { input: raw });
}

describe("what xz packs", requires("xz"), () => {
  const mixed = mixedBytes(1_500_000);

  test.each([
    "preset=0,lc=0,lp=0,pb=0",
    "preset=0,lc=4,lp=0,pb=4",
    "preset=0,lc=0,lp=4,pb=0",
    "preset=1,lc=1,lp=3,pb=1",
    "preset=6,dict=4KiB",
    "preset=6,dict=64KiB,nice=8",
    "preset=3,mf=hc4,mode=fast",
    "preset=6e",
    "preset=9",
  ])("with %s decodes to the same", async (options) => {
    const packed = await pack(mixed, `--lzma2=${options}`);
    expect(Buffer.compare((await unpackInMemory(xz, packed)).raw, mixed)).toBe(0);
  });

  test("in a block many times as long as its dictionary decodes to the same", async () => {
    const long = Buffer.concat([mixed, text, mixed.subarray(1000), randomBytes(200_000), mixed]);
    const packed = await pack(long, "--lzma2=preset=0,dict=64KiB");
    expect(Buffer.compare((await unpackInMemory(xz, packed)).raw, long)).toBe(0);
  });

  test("of anything, in any way, decodes to the same", async () => {
    const lclp = fc.constantFrom([0, 0], [3, 0], [4, 0], [0, 4], [2, 2], [1, 0]);
    const part = fc.oneof(
      fc
        .tuple(fc.nat(99), fc.integer({ min: 1, max: 40_000 }))
        .map(([seed, count]) => textBytes(count, seed)),
      fc
        .tuple(fc.nat(99), fc.integer({ min: 1, max: 90_000 }))
        .map(([seed, count]) => randomBytes(count, seed)),
      fc
        .tuple(fc.nat(255), fc.integer({ min: 1, max: 70_000 }))
        .map(([byte, count]) => Buffer.alloc(count, byte)),
    );
    const parts = fc.array(part, { minLength: 1, maxLength: 5 });
    const numbers = fc.tuple(
      fc.nat(6),
      fc.nat(4),
      fc.constantFrom(4, 16, 1024),
      fc.integer({ min: 4, max: 273 }),
    );
    await fc.assert(
      fc.asyncProperty(parts, lclp, numbers, async (made, [lc, lp], [preset, pb, dict, nice]) => {
        const raw = Buffer.concat([...made, ...made.slice(0, 2)]);
        const packed = await pack(
          raw,
          `--lzma2=preset=${preset},lc=${lc},lp=${lp},pb=${pb},dict=${dict}KiB,nice=${nice}`,
        );
        expect(Buffer.compare((await unpackInMemory(xz, packed)).raw, raw)).toBe(0);
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

test("a block that claims 128 MiB takes no memory for it", async () => {
  const claim = { rawLength: 2 ** 27, filters: [[0x21, [30]]] } as const;
  const made = sizedBlock(Buffer.concat([chunk, end]), Buffer.alloc(0), claim);
  const packed = file([{ ...made, rawLength: 2 ** 27 }]);
  const before = process.memoryUsage().arrayBuffers;
  const source = new MemorySource(packed);
  const map = await xz.readMap(source);
  const [segment] = map.segments;
  if (segment === undefined) throw new Error("there is no segment");
  let length = 0;
  const decoded = async (): Promise<void> => {
    for await (const part of xz.decode(map, segment, source)) length += part.length;
  };
  await expect(decoded()).rejects.toMatchObject({ code: "MAP_SEGMENT_DAMAGED" });
  expect(length).toBe(text.length);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 23);
});
