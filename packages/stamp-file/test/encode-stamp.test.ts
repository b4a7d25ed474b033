import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { decodeStamp, encodeStamp, type Stamp, stampIdentity } from "@bootstamp/stamp-file";
import { expect, test } from "vitest";
import { noise, patchOf, sampleArtifacts, sampleStamp } from "./some-stamps.ts";

const sample = await sampleStamp();

test("a stamp is what it was after it was a file", () => {
  expect(decodeStamp(encodeStamp(sample))).toEqual(sample);
});

test("a stamp of nothing but a name", () => {
  const stamp: Stamp = {
    name: "x",
    base: { rawLength: 0, rawCrc32: 0 },
    result: { rawCrc32: 0 },
    artifacts: [],
    patch: [],
  };
  expect(decodeStamp(encodeStamp(stamp))).toEqual(stamp);
});

test("the order of the artifacts does not matter", () => {
  const reversed = { ...sample, artifacts: sampleArtifacts.toReversed() };
  expect(encodeStamp(reversed)).toEqual(encodeStamp(sample));
  expect(stampIdentity(reversed)).toBe(stampIdentity(sample));
});

test("the body is pinned: no release may read or write another under the same version", () => {
  const bytes = noise(10_000);
  const patch = patchOf(bytes, [{ offset: 100, bytes: new Uint8Array(50) }]);
  const result = crc32(Buffer.concat([bytes.subarray(0, 100), new Uint8Array(50), bytes.subarray(150)]));
  const stamp: Stamp = {
    name: "golden",
    base: { rawLength: bytes.length, rawCrc32: crc32(bytes), rawSha256: "11".repeat(32) },
    result: { rawCrc32: result },
    artifacts: sampleArtifacts,
    patch,
  };
  expect(stampIdentity(stamp)).toBe("b763ebf9b083a25f8f2608b108a14a80c7e78fa253fb113d585afaab24ebca58");
});

test("the body is laid out as the format says", () => {
  const stamp: Stamp = {
    name: "ab",
    base: { rawLength: 0x1234, rawCrc32: 0 },
    result: { rawCrc32: 0 },
    artifacts: [{ format: "gz", stampable: "0f".repeat(32), length: 200, crc64nvme: 1n }],
    patch: [
      { offset: 300, bytes: Uint8Array.of(7, 8), replacedCrc32: 0 },
      { offset: 303, bytes: Uint8Array.of(9), replacedCrc32: 0x01020304 },
    ],
  };
  const after = { ...stamp, result: { rawCrc32: resultOf(stamp) } };
  const body = Buffer.concat([
    hex("34 12 00 00 00 00 00 00  00 00 00 00"),
    u32(after.result.rawCrc32),
    hex("00  02 61 62"),
    hex(`01  02 67 7a ${"0f".repeat(32)} c8 01 02 01 00 00 00 00 00 00 00`),
    hex("02  ac 02 02  01 01  00 00 00 00  04 03 02 01  07 08 09"),
  ]);
  expect(stampIdentity(after)).toBe(createHash("sha256").update(body).digest("hex"));
});

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** What the error says that the patch comes to: the sum is of another package, and tested there. */
function resultOf(stamp: Stamp): number {
  try {
    encodeStamp({ ...stamp, result: { rawCrc32: 1 } });
  } catch (error) {
    return Number(/comes to CRC-32 (\d+)/.exec(String(error))?.[1]);
  }
  throw new Error("a CRC-32 that is made up was taken");
}

const run = { offset: 10, bytes: Uint8Array.of(1), replacedCrc32: 0 };

test.each<[string, Partial<Stamp>]>([
  [
    "runs that overlap",
    {
      patch: [
        { ...run, bytes: new Uint8Array(5) },
        { ...run, offset: 14 },
      ],
    },
  ],
  ["runs that touch", { patch: [run, { ...run, offset: 11 }] }],
  ["runs out of order", { patch: [{ ...run, offset: 20 }, run] }],
  ["an empty run", { patch: [{ ...run, bytes: new Uint8Array() }] }],
  ["a run beyond the end", { patch: [{ ...run, offset: 1 << 20 }] }],
  ["a run before the start", { patch: [{ ...run, offset: -1 }] }],
  ["a run between bytes", { patch: [{ ...run, offset: 0.5 }] }],
  ["a CRC-32 that is none", { patch: [{ ...run, replacedCrc32: -1 }] }],
  ["a CRC-32 of another result", { result: { rawCrc32: 5 } }],
  ["a length that is none", { base: { rawLength: Number.NaN, rawCrc32: 0 } }],
  ["no name", { name: "" }],
  ["a name that is too long", { name: "ä".repeat(128) }],
  ["half a character in the name", { name: "\ud800" }],
  ["a digest that is none", { base: { ...sample.base, rawSha256: "AB".repeat(32) } }],
  ["two artifacts of one kind", { artifacts: [...sampleArtifacts, ...sampleArtifacts.slice(0, 1)] }],
  ["a format's name that is none", { artifacts: [{ ...artifact(), format: "../gz" }] }],
  ["an artifact's length that is none", { artifacts: [{ ...artifact(), length: -1 }] }],
  ["a CRC-64 that is none", { artifacts: [{ ...artifact(), crc64nvme: -1n }] }],
])("%s is no stamp", (_, part) => {
  expect(() => encodeStamp({ ...sample, ...part })).toThrow(RangeError);
});

function artifact(): Stamp["artifacts"][number] {
  return { format: "gz", stampable: "01".repeat(32), length: 1 };
}

test("what does not fit is refused with the figure", () => {
  const bytes = new Uint8Array(1 << 26);
  const patch = [{ offset: 0, bytes, replacedCrc32: 0 }];
  const base = { rawLength: 1 << 26, rawCrc32: 0 };
  expect(() => encodeStamp({ ...sample, base, patch, result: { rawCrc32: crc32(bytes) } })).toThrow(
    expect.objectContaining({
      code: "STAMP_FILE_TOO_LARGE",
      message: expect.stringMatching(/6710\d{4} bytes .* 67108864 fit/),
    }),
  );
  const artifacts = Array.from({ length: 4097 }, (_, index) => {
    return { ...artifact(), stampable: index.toString(16).padStart(64, "0") };
  });
  expect(() => encodeStamp({ ...sample, artifacts })).toThrow("4097 artifacts");
  const runs = Array.from({ length: 262_145 }, (_, index) => ({ ...run, offset: 2 * index }));
  expect(() => encodeStamp({ ...sample, patch: runs })).toThrow("262145 runs");
});
