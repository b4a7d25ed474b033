import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, gzipSync } from "node:zlib";
import {
  assertDecodesTo,
  decodersFor,
  decodeToFile,
  digestDecoded,
  digestFile,
  findTool,
  referenceDecoders,
  requires,
  runBytes,
  type StreamFormat,
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
  await writeFile(at("wrong.gz"), wrong);
  await writeFile(at("cut.gz"), packed.subarray(0, -4));
  if (findTool("xz") !== undefined) await writeXzFiles(await runBytes("xz", ["-c"], { input: raw }));
  if (findTool("zstd") !== undefined) await writeZstdFiles(await runBytes("zstd", ["-c"], { input: raw }));
});

async function writeZstdFiles(packed: Buffer): Promise<void> {
  const half = raw.length >> 1;
  const frames = [raw.subarray(0, half), raw.subarray(half)].map((input) =>
    runBytes("zstd", ["-c"], { input }),
  );
  const wrong = Buffer.from(packed);
  // A frame ends in its checksum (RFC 8878 §3.1.1).
  wrong.writeUInt8(packed.readUInt8(packed.length - 1) ^ 1, packed.length - 1);
  // Two frames, as ours have many: some decoders end after the first.
  await writeFile(at("good.zst"), Buffer.concat(await Promise.all(frames)));
  await writeFile(at("wrong.zst"), wrong);
  await writeFile(at("cut.zst"), packed.subarray(0, -4));
}

async function writeXzFiles(packed: Buffer): Promise<void> {
  const wrong = Buffer.from(packed);
  // The last block's check ends where the index begins, whose length is in the footer (xz file format §2.1.2.2).
  const checkEnd = packed.length - 12 - (packed.readUInt32LE(packed.length - 8) + 1) * 4;
  wrong.writeUInt8(packed.readUInt8(checkEnd - 1) ^ 1, checkEnd - 1);
  await writeFile(at("good.xz"), packed);
  await writeFile(at("wrong.xz"), wrong);
  await writeFile(at("cut.xz"), packed.subarray(0, -4));
}

afterAll(() => rm(folder, { recursive: true }));

/** What makes the files of each format, and who was seen to hand out the data without a look at what checks them. */
const formats: readonly {
  readonly format: StreamFormat;
  readonly tools: readonly string[];
  readonly lenient: readonly string[];
}[] = [
  { format: "gz", tools: [], lenient: ["libarchive", "Perl", "nbdkit"] },
  { format: "xz", tools: ["xz"], lenient: ["busybox xz"] },
  { format: "zst", tools: ["zstd"], lenient: ["Python zstandard"] },
];

describe.each(formats)("of $format files", ({ format, tools, lenient }) => {
  for (const decoder of decodersFor(format)) {
    const guard = requires(...tools, ...decoder.tools);

    test(`${decoder.name} decodes a good one`, guard, async () => {
      expect(await digestDecoded(decoder, at(`good.${format}`))).toEqual({ length: raw.length, sha256 });
      await expect(assertDecodesTo(decoder, at(`good.${format}`), at("raw"))).resolves.toBeUndefined();
    });

    test(`${decoder.name} refuses one that is not there`, guard, async () => {
      await expect(digestDecoded(decoder, at(`gone.${format}`))).rejects.toThrow(/./);
    });

    if (lenient.includes(decoder.name)) continue;
    test(`${decoder.name} refuses a wrong checksum and a cut end`, guard, async () => {
      await expect(digestDecoded(decoder, at(`wrong.${format}`))).rejects.toThrow(/./);
      await expect(digestDecoded(decoder, at(`cut.${format}`))).rejects.toThrow(/./);
    });
  }
});

describe("assertDecodesTo", requires(...referenceDecoders.gz.tools), () => {
  const decoder = referenceDecoders.gz;

  test("names the first offset that differs", async () => {
    const other = Buffer.from(raw);
    other.writeUInt8(raw.readUInt8(700_001) ^ 1, 700_001);
    await writeFile(at("other"), other);
    await expect(assertDecodesTo(decoder, at("good.gz"), at("other"))).rejects.toThrow(
      /differ at offset 700001$/,
    );
  });

  test("refuses a raw file that is shorter or longer", async () => {
    await writeFile(at("shorter"), raw.subarray(0, -1));
    await writeFile(at("longer"), Buffer.concat([raw, Buffer.of(0)]));
    await expect(assertDecodesTo(decoder, at("good.gz"), at("shorter"))).rejects.toThrow(
      /differ at offset 1000002$/,
    );
    await expect(assertDecodesTo(decoder, at("good.gz"), at("longer"))).rejects.toThrow(
      /differ at offset 1000003$/,
    );
  });
});

test("decodeToFile makes holes of zeros", requires(...referenceDecoders.gz.tools), async () => {
  const sparse = Buffer.concat([raw, Buffer.alloc(4 << 20)]);
  await writeFile(at("sparse.gz"), gzipSync(sparse));
  await decodeToFile(referenceDecoders.gz, at("sparse.gz"), at("sparse"));
  expect(Buffer.compare(await readFile(at("sparse")), sparse)).toBe(0);
  expect((await stat(at("sparse"))).blocks * 512).toBeLessThan(2 << 20);
  await expect(decodeToFile(referenceDecoders.gz, at("cut.gz"), at("cut"))).rejects.toThrow(/unexpected end/);
});

test("digestFile digests the bytes as they are", requires("python3"), async () => {
  expect(await digestFile(at("raw"))).toEqual({ length: raw.length, sha256 });
});
