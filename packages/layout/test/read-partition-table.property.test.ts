import { crc32 } from "node:zlib";
import { MemorySource, SourceError } from "@bootstamp/byte-source";
import { LayoutError, probeFileSystems, readPartitionTable, type PartitionTable } from "@bootstamp/layout";
import fc from "fast-check";
import { expect, test } from "vitest";
import { extSuperblock, fatBootSector } from "./file-system-images.ts";
import { gptImage, mbrImage, writeMbr } from "./table-images.ts";

function extendedImage(): Buffer {
  const image = mbrImage([
    { systemId: 0x0c, start: 8, count: 16 },
    { systemId: 0x05, start: 32, count: 64 },
  ]);
  writeMbr(
    image,
    [
      { systemId: 0x83, start: 1, count: 4 },
      { systemId: 0x05, start: 8, count: 8 },
    ],
    32 * 512,
  );
  return writeMbr(image, [{ systemId: 0x83, start: 1, count: 4 }], 40 * 512);
}

const images: readonly Buffer[] = [
  gptImage(),
  gptImage({ sectorLength: 4096, sectorCount: 48, entryCount: 32, parts: [{ first: 8n, last: 9n }] }),
  extendedImage(),
  fatBootSector(),
  extSuperblock(),
];

/** The 16 bytes around each byte in use: elsewhere most changes would fall on zeros that nobody reads. */
function places(image: Buffer): number[] {
  const used = Array.from(image.keys()).filter((offset) => image[offset] !== 0);
  const blocks = new Set(used.map((offset) => offset - (offset % 16)));
  return [...blocks].flatMap((block) => Array.from({ length: 16 }, (_, index) => block + index));
}

const byteValues = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255));

function mutationsOf(image: Buffer): fc.Arbitrary<Buffer> {
  const change = fc.tuple(fc.constantFrom(...places(image)), byteValues);
  const cut = fc.oneof(
    { weight: 4, arbitrary: fc.constant(image.length) },
    { weight: 1, arbitrary: fc.nat(image.length) },
  );
  return fc
    .tuple(fc.array(change, { minLength: 1, maxLength: 8 }), cut, fc.boolean())
    .map(([changes, end, resealed]) => {
      const mutated = Buffer.from(image);
      for (const [offset, value] of changes) mutated.writeUInt8(value, offset);
      if (resealed) reseal(mutated);
      return mutated.subarray(0, end);
    });
}

/** Puts the CRCs of a GPT right, so that hostile fields get past them. */
function reseal(image: Buffer): void {
  for (const sectorLength of [512, 4096]) {
    for (const offset of [sectorLength, image.length - sectorLength]) {
      if (offset + 92 > image.length || image.toString("latin1", offset, offset + 8) !== "EFI PART") continue;
      const entries = image.subarray(Number(image.readBigUInt64LE(offset + 72)) * sectorLength);
      const length = image.readUInt32LE(offset + 80) * image.readUInt32LE(offset + 84);
      image.writeUInt32LE(crc32(entries.subarray(0, length)), offset + 88);
      image.writeUInt32LE(0, offset + 16);
      image.writeUInt32LE(
        crc32(image.subarray(offset, offset + image.readUInt32LE(offset + 12))),
        offset + 16,
      );
    }
  }
}

async function readOrRefuse(image: Buffer): Promise<PartitionTable | undefined> {
  const source = new MemorySource(image);
  try {
    const table = await readPartitionTable(source);
    await probeFileSystems(source, table);
    return table;
  } catch (error) {
    if (error instanceof LayoutError || error instanceof SourceError) return undefined;
    throw error;
  }
}

test("a damaged image is read with all promises kept, or refused by a LayoutError", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(...images.map(mutationsOf)), async (image) => {
      const table = await readOrRefuse(image);
      if (table === undefined) return;
      const leaves = table.partitions.filter(({ placement }) => placement !== "extended");
      const ordered = leaves.toSorted((a, b) => a.offset - b.offset);
      let end = 0;
      for (const { offset, length } of ordered) {
        expect(offset).toBeGreaterThanOrEqual(end);
        end = offset + length;
      }
      expect(end).toBeLessThanOrEqual(image.length);
      expect(new Set(table.partitions.map(({ number }) => number)).size).toBe(table.partitions.length);
    }),
    { numRuns: 1500 },
  );
});

test("noise is refused or read, and never breaks the reader", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 0, maxLength: 3000 }), async (bytes) => {
      const image = Buffer.from(bytes);
      if (image.length >= 512) image.writeUInt16BE(0x55aa, 510);
      const table = await readOrRefuse(image);
      expect(table?.kind).not.toBe("gpt");
    }),
    { numRuns: 500 },
  );
});
