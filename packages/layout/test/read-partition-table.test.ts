import { MemorySource } from "@bootstamp/byte-source";
import { readPartitionTable, type PartitionTable } from "@bootstamp/layout";
import { expect, test } from "vitest";
import { extSuperblock, fatBootSector } from "./file-system-images.ts";
import { gptImage, mbrImage, writeMbr } from "./table-images.ts";

async function read(image: Buffer): Promise<PartitionTable> {
  return await readPartitionTable(new MemorySource(image));
}

const wholeImage = { kind: "none", partitions: [{ number: 0, offset: 0, placement: "whole-image" }] };

test("a FAT or ext file system without a table is one partition, number 0", async () => {
  const fat = fatBootSector();
  await expect(read(fat)).resolves.toMatchObject(wholeImage);
  await expect(read(extSuperblock())).resolves.toMatchObject({
    ...wholeImage,
    partitions: [{ length: 65536 }],
  });
});

test("a FAT boot sector is no MBR, whether its entries hold code or the fake entry of mkfs.vfat", async () => {
  const code = fatBootSector().fill(0xcd, 446, 510);
  await expect(read(code)).resolves.toMatchObject(wholeImage);
  const fake = writeMbr(fatBootSector(), [{ systemId: 0x0c, start: 0, count: 128 }]);
  await expect(read(fake)).resolves.toMatchObject(wholeImage);
});

test("an MBR whose boot code looks like FAT is an MBR", async () => {
  const image = writeMbr(fatBootSector(), [{ systemId: 0x0c, start: 8, count: 64 }]);
  await expect(read(image)).resolves.toMatchObject({ kind: "mbr", partitions: [{ offset: 4096 }] });
});

test("a stale ext superblock behind an MBR does not count", async () => {
  const image = writeMbr(extSuperblock(), [{ systemId: 0x83, start: 8, count: 64 }]);
  await expect(read(image)).resolves.toMatchObject({ kind: "mbr" });
});

test("a file system longer than the image is refused: the image was cut short", async () => {
  await expect(read(fatBootSector().subarray(0, 32768))).rejects.toMatchObject({
    code: "LAYOUT_OUT_OF_RANGE",
    message: expect.stringMatching(
      /the fat12 file system is at offset 0 with 65536 bytes, to 65536: outside the image, 0 to 32768/,
    ),
  });
});

test("an image without a table says what is there instead", async () => {
  const xfs = Buffer.alloc(65536);
  xfs.write("XFSB");
  await expect(read(xfs)).rejects.toMatchObject({
    code: "LAYOUT_NO_TABLE",
    message: expect.stringMatching(/it starts with xfs$/),
  });
  await expect(read(Buffer.alloc(65536))).rejects.toMatchObject({
    code: "LAYOUT_NO_TABLE",
    message: expect.stringMatching(/it starts with no known file system$/),
  });
  await expect(read(Buffer.alloc(0))).rejects.toMatchObject({
    code: "LAYOUT_NO_TABLE",
    message: expect.stringMatching(/has 0 bytes/),
  });
  await expect(read(Buffer.alloc(511))).rejects.toMatchObject({ code: "LAYOUT_NO_TABLE" });
  const ntfs = Buffer.alloc(512, 0xcd);
  ntfs.write("NTFS    ", 3);
  ntfs.writeUInt16BE(0x55aa, 510);
  await expect(read(ntfs)).rejects.toMatchObject({
    code: "LAYOUT_NO_TABLE",
    message: expect.stringMatching(/it starts with ntfs$/),
  });
});

test("a GPT without its protective MBR is refused", async () => {
  for (const sectorLength of [512, 4096]) {
    const image = gptImage({ sectorLength });
    image.fill(0, 446, 512);
    await expect(read(image)).rejects.toMatchObject({
      code: "LAYOUT_PROTECTIVE_MBR_MISSING",
      message: expect.stringMatching(
        new RegExp(`GPT header at offset ${sectorLength}, but no protective MBR`),
      ),
    });
  }
});

test("a GPT behind an ordinary MBR is stale: a warning", async () => {
  const image = writeMbr(gptImage(), [{ systemId: 0x83, start: 64, count: 32 }]);
  const table = await read(image);
  expect(table).toMatchObject({ kind: "mbr", warnings: [{ code: "STALE_GPT" }] });
});

test("an entry of type 0xEE that does not start at LBA 1 protects nothing", async () => {
  const table = await read(mbrImage([{ systemId: 0xee, start: 8, count: 32 }]));
  expect(table).toMatchObject({ kind: "mbr", partitions: [{ typeName: "gpt-protective" }] });
});
