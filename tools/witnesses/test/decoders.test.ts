import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, gzipSync } from "node:zlib";
import {
  assertDecodesTo,
  type Decoder,
  type Guard,
  decoders,
  decodersFor,
  digestDecoded,
  digestFile,
  requires,
} from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// Larger than a pipe's buffer, and no multiple of a sector.
const raw = Buffer.from(Uint8Array.from({ length: 1_000_003 }, (_, index) => index % 251));
const sha256 = createHash("sha256").update(raw).digest("hex");
let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "decoders-"));
  const packed = gzipSync(raw);
  const wrong = Buffer.from(packed);
  wrong.writeUInt32LE((crc32(raw) ^ 1) >>> 0, packed.length - 8);
  await writeFile(at("raw"), raw);
  await writeFile(at("good.gz"), packed);
  await writeFile(at("wrong-crc.gz"), wrong);
  await writeFile(at("cut.gz"), packed.subarray(0, -4));
});

afterAll(() => rm(folder, { recursive: true }));

const guardOf = (decoder: Decoder): Guard & { timeout: number } => ({
  ...requires(...decoder.tools),
  timeout: 60_000,
});

describe.each(decoders.map((decoder) => [decoder.name, decoder] as const))("%s", (_name, decoder) => {
  test("decodes a gzip file", guardOf(decoder), async () => {
    expect(await digestDecoded(decoder, at("good.gz"))).toEqual({ length: raw.length, sha256 });
    await expect(assertDecodesTo(decoder, at("good.gz"), at("raw"))).resolves.toBeUndefined();
  });

  test("refuses a file that is not there", guardOf(decoder), async () => {
    await expect(digestDecoded(decoder, at("gone.gz"))).rejects.toThrow(/./);
  });
});

// Seen to hand out the data without a look at the checksum behind it.
const lenient = new Set(["libarchive", "Perl", "nbdkit"]);
const strict = decoders.filter(({ name }) => !lenient.has(name));

describe.each(strict.map((decoder) => [decoder.name, decoder] as const))("%s", (_name, decoder) => {
  test("refuses a wrong checksum and a cut trailer", guardOf(decoder), async () => {
    await expect(digestDecoded(decoder, at("wrong-crc.gz"))).rejects.toThrow(/./);
    await expect(digestDecoded(decoder, at("cut.gz"))).rejects.toThrow(/./);
  });
});

describe("assertDecodesTo", () => {
  const decoder = decodersFor("gz").find(({ name }) => name === "node:zlib");
  if (decoder === undefined) throw new Error("there is no decoder that is always there");

  test("names the first offset that differs", async () => {
    const other = Buffer.from(raw);
    other.writeUInt8(raw.readUInt8(700_001) ^ 1, 700_001);
    await writeFile(at("other"), other);
    await expect(assertDecodesTo(decoder, at("good.gz"), at("other"))).rejects.toThrow(/offset 700001$/);
  });

  test("refuses a raw file that is shorter or longer", async () => {
    await writeFile(at("shorter"), raw.subarray(0, -1));
    await writeFile(at("longer"), Buffer.concat([raw, Buffer.of(0)]));
    await expect(assertDecodesTo(decoder, at("good.gz"), at("shorter"))).rejects.toThrow(/offset 1000002$/);
    await expect(assertDecodesTo(decoder, at("good.gz"), at("longer"))).rejects.toThrow(/expected 1000004$/);
  });
});

test("digestFile digests the bytes as they are", async () => {
  expect(await digestFile(at("raw"))).toEqual({ length: raw.length, sha256 });
});
