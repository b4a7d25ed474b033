import { textBytes } from "@bootstamp/format-contract";
import type { PieceEncoder } from "@bootstamp/segment-map";
import { zstd } from "@bootstamp/zstd";
import { beforeAll, describe, expect, test } from "vitest";
import { zstdDecompressSync } from "node:zlib";

const settings = zstd.settle({ level: 1 });
const plan = zstd.plan(5_000_000, [], settings);

describe("an encoder", () => {
  let encoder: PieceEncoder;
  beforeAll(async () => {
    encoder = await zstd.createEncoder(settings);
  });

  test("makes zeros of a length once, and whoever changes what it gave changes nothing", async () => {
    const { bytes } = await encoder.zeros(70_000);
    const copy = bytes.slice();
    bytes.fill(1);
    expect((await encoder.zeros(70_000)).bytes).toEqual(copy);
  });

  test("makes zeros of more lengths than it keeps", async () => {
    for (let length = 1; length <= 600; length++) {
      const { bytes, kind } = await encoder.zeros(length);
      expect(kind).toBe("zero");
      expect(zstdDecompressSync(bytes)).toEqual(Buffer.alloc(length));
    }
  });

  test("says what broke off where zstd cannot go on", () => {
    // Nothing else that a caller can give makes it fail; so it is given what its type forbids.
    const wrong: never = { length: 10 } as never;
    expect(() => encoder.compress(wrong)).toThrow(
      expect.objectContaining({ code: "MAP_ENGINE", fields: { engine: "zstd" } }),
    );
  });
});

test.each(Array.from({ length: 22 }, (_, index) => index + 1))(
  "level %d makes frames that decode",
  async (level) => {
    const encoder = await zstd.createEncoder(zstd.settle({ level }));
    const text = textBytes(150_000);
    const { bytes } = await encoder.compress(text);
    expect(zstdDecompressSync(bytes)).toEqual(Buffer.from(text));
  },
);

test("a frame builder minds the order of its pieces, and that none is missing", async () => {
  const encoder = await zstd.createEncoder(settings);
  const frame = zstd.openFrame(plan, settings);
  const [, second] = [...plan.pieces()];
  if (second === undefined) throw new Error("there is one piece only");
  const { bytes, kind, note } = await encoder.zeros(second.rawLength);
  const written = { piece: second, kind, packedLength: bytes.length, rawCrc32: 0, note };
  expect(() => frame.add(written)).toThrow(/^internal error/);
  expect(() => frame.finish()).toThrow(/^internal error/);
});
