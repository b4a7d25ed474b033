import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { decodeStamp, encodeStamp, maxStampFileLength, recognisesStamp } from "@bootstamp/stamp-file";
import { expect, test } from "vitest";
import { sampleStamp } from "./some-stamps.ts";

const sample = await sampleStamp();
const file = Buffer.from(encodeStamp(sample));
const body = zstdDecompressSync(file.subarray(12, -4));

/** A file around a frame, whose checksum fits. */
function framed(frame: Uint8Array, length: number, version = 1): Buffer {
  const head = Buffer.alloc(12);
  head.write("BSTAMP");
  head.writeUInt16LE(version, 6);
  head.writeUInt32LE(length, 8);
  const rest = Buffer.concat([head, frame]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(rest));
  return Buffer.concat([rest, crc]);
}

function withBody(bytes: Uint8Array): Buffer {
  return framed(zstdCompressSync(bytes), bytes.length);
}

function codeOf(bytes: Uint8Array): string {
  try {
    decodeStamp(bytes);
  } catch (error) {
    return error instanceof Error && "code" in error
      ? `${String(error.code)}: ${error.message}`
      : String(error);
  }
  return "taken";
}

test("a stamp is known by its first bytes", () => {
  expect(recognisesStamp(file)).toBe(true);
  expect(recognisesStamp(file.subarray(0, 6))).toBe(true);
  expect(recognisesStamp(file.subarray(0, 5))).toBe(false);
  expect(recognisesStamp(new Uint8Array(100))).toBe(false);
});

test("other files, and other versions, are named", () => {
  expect(codeOf(new Uint8Array())).toMatch("STAMP_FILE_FOREIGN");
  expect(codeOf(Buffer.from("name: x\n".repeat(10)))).toMatch("STAMP_FILE_FOREIGN");
  expect(codeOf(framed(zstdCompressSync(body), body.length, 2))).toMatch(
    "STAMP_FILE_VERSION: the stamp is of version 2",
  );
});

test("a file cut anywhere is damaged", () => {
  for (let length = 6; length < file.length; length++) {
    expect(codeOf(file.subarray(0, length))).toMatch("STAMP_FILE_DAMAGED");
  }
});

test("a body cut anywhere is damaged, though all sums are right", () => {
  for (let length = 0; length < body.length; length += length < 300 ? 1 : 997) {
    expect(codeOf(withBody(body.subarray(0, length)))).toMatch("STAMP_FILE_DAMAGED");
  }
});

test("a bomb is not unpacked", () => {
  const zeros = zstdCompressSync(new Uint8Array(64 << 20));
  expect(codeOf(framed(zeros, 100))).toMatch("more than 100 bytes");
  expect(codeOf(framed(zeros, (64 << 20) + 1))).toMatch("STAMP_FILE_TOO_LARGE");
  expect(codeOf(framed(zeros, 0))).toMatch("STAMP_FILE_DAMAGED");
  expect(codeOf(framed(zstdCompressSync(body), body.length + 1))).toMatch(
    `${body.length} bytes, expected ${body.length + 1}`,
  );
  const wide = zstdCompressSync(new Uint8Array(32 << 20), { params: { [constants.ZSTD_c_windowLog]: 25 } });
  expect(codeOf(framed(wide, 32 << 20))).toMatch("does not unpack");
});

test("a file that is longer than any stamp is not looked into", () => {
  const long = Buffer.alloc(maxStampFileLength + 1);
  file.copy(long);
  expect(codeOf(long)).toMatch("STAMP_FILE_TOO_LARGE");
});

test("one frame is packed, and nothing beside it", () => {
  const frame = zstdCompressSync(body);
  const skippable = Buffer.from("502a4d1800000000", "hex");
  const empty = zstdCompressSync(new Uint8Array());
  for (const odd of [
    Buffer.concat([frame, frame]),
    Buffer.concat([frame, empty]),
    Buffer.concat([frame, skippable]),
    Buffer.concat([skippable, frame]),
    Buffer.concat([frame, Buffer.alloc(1)]),
    frame.subarray(0, -1),
    frame.subarray(0, 3),
    Buffer.alloc(0),
  ]) {
    expect(codeOf(framed(odd, body.length))).toMatch("STAMP_FILE_DAMAGED");
  }
  const checked = zstdCompressSync(body, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  expect(decodeStamp(framed(checked, body.length))).toEqual(sample);
});

/** A body from its fields in hex: an image of 100 bytes, whose CRC-32 and the result's are 0, and no SHA-256. */
function tail(rest: string): Buffer {
  return withBody(Buffer.from(`6400000000000000 00000000 00000000 ${rest}`.replaceAll(" ", ""), "hex"));
}

const gz = `02 67 7a ${"01".repeat(32)} 05 00`;

test.each([
  ["flags that nobody knows", "04 01 61 00 00", /flags/],
  ["no name", "00 00 00 00", /name is empty/],
  ["a name that is not UTF-8", "00 01 ff 00 00", /not UTF-8/],
  [
    "a format's name of other characters",
    `00 01 61 01 02 2f 7a ${"01".repeat(32)} 05 00 00`,
    /format's name/,
  ],
  ["artifacts out of order", `00 01 61 02 02 7a 7a ${"01".repeat(32)} 05 00 ${gz} 00`, /out of order/],
  ["an artifact twice", `00 01 61 02 ${gz} ${gz} 00`, /out of order/],
  ["a million artifacts", "00 01 61 c0 84 3d 00", /1000000 artifacts/],
  ["more artifacts than bytes", "00 01 61 80 10 00", /2048 artifacts in the last/],
  ["2^52 runs", "00 01 61 00 80 80 80 80 80 80 80 08 00", /4503599627370496 runs/],
  ["more runs than bytes", "00 01 61 00 80 10 00 01", /2048 runs in the last/],
  ["a number beyond 2^53", "00 01 61 00 ff ff ff ff ff ff ff ff ff 01", /beyond 2\^53/],
  ["a number without end", `00 01 61 00 ${"80".repeat(2000)}`, /ends 1 bytes early|beyond/],
  ["a number with zeros in front", "00 01 61 80 00 00", /zeros in front/],
  ["a run of nothing", "00 01 61 00 01 05 00 00000000 00", /is empty/],
  ["runs that touch", "00 01 61 00 02 05 01 00 01 00000000 00000000 07 07", /touch/],
  ["a run beyond the image", "00 01 61 00 01 60 05 00000000 0707070707", /beyond the image/],
  ["a run far beyond the image", "00 01 61 00 01 ff ff ff ff ff ff ff 0f 01 00000000 07", /beyond the image/],
  ["runs that end early", "00 01 61 00 01 05 05 00000000 07070707", /early/],
  ["bytes behind the last run", "00 01 61 00 00 00", /follow/],
  ["a result that does not follow", "00 01 61 00 01 05 01 00000000 07", /comes? to CRC-32/],
])("a body with %s is refused", (_, rest, complaint) => {
  expect(codeOf(tail(rest))).toMatch(/^STAMP_FILE_DAMAGED/);
  expect(codeOf(tail(rest))).toMatch(complaint);
});

test("the same body without the fault is taken", () => {
  expect(decodeStamp(tail(`00 01 61 01 ${gz} 00`))).toEqual({
    name: "a",
    base: { rawLength: 100, rawCrc32: 0 },
    result: { rawCrc32: 0 },
    artifacts: [{ format: "gz", stampable: "01".repeat(32), length: 5 }],
    patch: [],
  });
});

test("a raw image's length beyond 2^53 is refused", () => {
  const bytes = Buffer.from(`${"ff".repeat(8)} 00000000 00000000 00 01 61 00 00`.replaceAll(" ", ""), "hex");
  expect(codeOf(withBody(bytes))).toMatch("beyond 2^53");
});
