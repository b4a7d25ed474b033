import { MemorySource } from "@bootstamp/byte-source";
import { readPartitionTable, type PartitionTable } from "@bootstamp/layout";
import { expect, test } from "vitest";
import { mbrImage, writeMbr, type MbrPart } from "./table-images.ts";

async function read(image: Buffer): Promise<PartitionTable> {
  return await readPartitionTable(new MemorySource(image));
}

const container: MbrPart = { systemId: 0x0f, start: 32, count: 64 };

/** An image whose extended partition has boot records at the given sectors of it. */
function chainImage(records: Readonly<Record<number, readonly MbrPart[]>>): Buffer {
  const image = mbrImage([{ systemId: 0x0c, start: 8, count: 16, indicator: 0x80 }, container]);
  for (const [sector, parts] of Object.entries(records)) writeMbr(image, parts, (32 + Number(sector)) * 512);
  return image;
}

test("primary and logical partitions come out with Linux's numbers", async () => {
  const image = chainImage({
    0: [
      { systemId: 0x83, start: 2, count: 8 },
      { systemId: 0x05, start: 20, count: 20 },
    ],
    20: [{ systemId: 0xef, start: 4, count: 16 }],
  });
  const table = await read(image);
  expect(table).toMatchObject({
    kind: "mbr",
    sectorLength: 512,
    diskId: "0x1234abcd",
    protection: undefined,
  });
  expect(table.partitions).toMatchObject([
    {
      number: 1,
      offset: 8 * 512,
      length: 16 * 512,
      typeName: "fat32-lba",
      bootable: true,
      placement: "primary",
    },
    { number: 2, offset: 32 * 512, length: 64 * 512, typeId: "0x0f", placement: "extended" },
    { number: 5, offset: 34 * 512, length: 8 * 512, typeName: "linux-generic", placement: "logical" },
    { number: 6, offset: 56 * 512, length: 16 * 512, typeName: "esp", uniqueId: "1234abcd-06" },
  ]);
});

test("sectors of 4096 bytes are counted where the caller says so", async () => {
  const image = mbrImage([{ systemId: 0x83, start: 8, count: 8 }]);
  const table = await readPartitionTable(new MemorySource(image), { sectorLength: 4096 });
  expect(table.partitions).toMatchObject([{ offset: 32768, length: 32768 }]);
});

test("an empty table, and an extended partition that was never used, are no faults", async () => {
  expect((await read(mbrImage([]))).partitions).toEqual([]);
  expect((await read(mbrImage([container]))).partitions).toHaveLength(1);
});

test("a record whose logical partition was deleted does not count", async () => {
  const image = chainImage({
    0: [
      { systemId: 0, start: 0, count: 0 },
      { systemId: 0x05, start: 20, count: 20 },
    ],
    20: [{ systemId: 0x83, start: 4, count: 16 }],
  });
  expect((await read(image)).partitions.map(({ number }) => number)).toEqual([1, 2, 5]);
});

const link = (sector: number): MbrPart => ({ systemId: 0x05, start: sector, count: 8 });
const refused: readonly (readonly [string, Buffer, string, RegExp])[] = [
  [
    "a chain that comes back",
    chainImage({ 0: [link(20)], 20: [link(40)], 40: [link(20)] }),
    "EXTENDED_LOOP",
    /comes back to LBA 52 after 3 records/,
  ],
  ["a record that links to itself", chainImage({ 0: [link(0)] }), "EXTENDED_LOOP", /comes back to LBA 32/],
  [
    "a link out of the container",
    chainImage({ 0: [link(64)] }),
    "OUT_OF_RANGE",
    /record at LBA 96 .* outside partition 2, 16384 to 49152/,
  ],
  [
    "a link to the highest LBA",
    chainImage({ 0: [link(0xffff_ffff)] }),
    "OUT_OF_RANGE",
    /record at LBA 4294967327/,
  ],
  [
    "a link to nothing",
    chainImage({ 0: [link(20)] }),
    "EXTENDED_DAMAGED",
    /has 0 0 at its end, expected 55 aa/,
  ],
  [
    "two links in a record",
    chainImage({ 0: [link(20), link(40)] }),
    "EXTENDED_DAMAGED",
    /0 partitions and 2 links/,
  ],
  [
    "a logical partition past the container",
    chainImage({ 0: [{ systemId: 0x83, start: 10, count: 60 }] }),
    "OUT_OF_RANGE",
    /partition 5 is at offset 21504/,
  ],
  [
    "a logical partition over its record",
    chainImage({ 0: [{ systemId: 0x83, start: 0, count: 8 }] }),
    "OVERLAP",
    /partition 5/,
  ],
  [
    "a logical partition over a later record",
    chainImage({ 0: [{ systemId: 0x83, start: 10, count: 20 }, link(20)], 20: [] }),
    "OVERLAP",
    /partition 5, .* overlaps the extended boot record at LBA 52/,
  ],
  [
    "a partition past the image",
    mbrImage([{ systemId: 0x83, start: 64, count: 65 }]),
    "OUT_OF_RANGE",
    /partition 1 is at offset 32768 with 33280 bytes, to 66048: outside the image, 0 to 65536/,
  ],
  [
    "a partition over the MBR",
    mbrImage([{ systemId: 0x83, start: 0, count: 8 }]),
    "OVERLAP",
    /the MBR, at offset 0/,
  ],
  [
    "overlapping partitions",
    mbrImage([
      { systemId: 0x83, start: 8, count: 8 },
      { systemId: 0x83, start: 15, count: 8 },
    ]),
    "OVERLAP",
    /partition 1, at offset 4096 with 4096 bytes, overlaps partition 2, at offset 7680/,
  ],
  [
    "two extended partitions",
    mbrImage([container, { systemId: 0x05, start: 8, count: 8 }]),
    "MBR_DAMAGED",
    /partitions 1 and 2 of the MBR are extended/,
  ],
  [
    "a wrong boot indicator",
    mbrImage([{ systemId: 0x83, start: 8, count: 8, indicator: 0x33 }]),
    "MBR_DAMAGED",
    /boot indicator 0x33/,
  ],
];

test.each(refused)("%s: refused", async (_what, image, code, message) => {
  await expect(read(image)).rejects.toMatchObject({
    code: `LAYOUT_${code}`,
    message: expect.stringMatching(message),
  });
});

test("a chain longer than 256 records is refused", async () => {
  const image = mbrImage([{ systemId: 0x0f, start: 8, count: 500 }], 512);
  for (let sector = 0; sector < 400; sector++) writeMbr(image, [link(sector + 1)], (8 + sector) * 512);
  await expect(read(image)).rejects.toMatchObject({
    code: "LAYOUT_EXTENDED_LOOP",
    message: expect.stringMatching(/more than 256 records/),
  });
});
