import { gzipSync } from "node:zlib";
import { MemorySource, type ByteSource } from "@bootstamp/byte-source";
import { inflateWhole } from "@bootstamp/gzip-index";
import { expect, test } from "vitest";

async function inflated(packed: ByteSource | Uint8Array): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const source = packed instanceof Uint8Array ? new MemorySource(packed) : packed;
  for await (const part of inflateWhole(source)) parts.push(part);
  return Buffer.concat(parts);
}

const raw = Buffer.alloc(3_000_000, "lines of an image, and others\n");
for (let at = 0; at < raw.length; at += 1000) raw.write(String(at), at);
const packed = gzipSync(raw);

test("all members are inflated; zeros behind them are passed over", async () => {
  expect((await inflated(packed)).equals(raw)).toBe(true);
  const members = Buffer.concat([packed, gzipSync("more"), gzipSync(""), gzipSync("and more")]);
  const expected = Buffer.concat([raw, Buffer.from("moreand more")]);
  expect((await inflated(members)).equals(expected)).toBe(true);
  expect((await inflated(Buffer.concat([members, Buffer.alloc(70_000)]))).equals(expected)).toBe(true);
});

test("damage anywhere is told of", async () => {
  const damaged = { code: "GZINDEX_STREAM_DAMAGED" };
  await expect(inflated(packed.subarray(0, -1))).rejects.toMatchObject(damaged);
  await expect(inflated(packed.subarray(0, 1000))).rejects.toMatchObject(damaged);
  await expect(inflated(Buffer.concat([packed, Buffer.from("garbage")]))).rejects.toMatchObject(damaged);
  for (const at of [packed.length - 1, packed.length - 8, packed.length >> 1, packed.length >> 2]) {
    const bad = Buffer.from(packed);
    bad[at] = (bad[at] ?? 0) ^ 0x41;
    await expect(inflated(bad)).rejects.toMatchObject(damaged);
  }
});

test("a source that cannot be read is not the file's fault", async () => {
  const failing: ByteSource = {
    length: packed.length,
    read: async (offset, length) => {
      if (offset > 0) throw new Error("no network");
      return new Uint8Array(packed.subarray(0, length));
    },
  };
  const long = { ...failing, length: 10_000_000 };
  await expect(inflated(long)).rejects.toThrow("no network");
});
