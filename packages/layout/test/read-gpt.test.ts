import { MemorySource } from "@bootstamp/byte-source";
import { readPartitionTable, type PartitionTable, type SectorLength } from "@bootstamp/layout";
import { describe, expect, test } from "vitest";
import { defaultParts, diskGuid, espGuid, gptImage, writeMbr, type GptOptions } from "./table-images.ts";

async function read(image: Buffer, sectorLength?: SectorLength): Promise<PartitionTable> {
  return await readPartitionTable(
    new MemorySource(image),
    sectorLength === undefined ? {} : { sectorLength },
  );
}

describe.each([512, 4096] as const)("a whole table in sectors of %i", (sectorLength) => {
  test("comes out field by field, the length of a sector found by itself", async () => {
    const parts = [
      { ...defaultParts[0], attributes: 2n ** 63n + 4n, first: 40n, last: 47n },
      defaultParts[1],
    ];
    const image = gptImage({ sectorLength, parts: parts.filter((part) => part !== undefined) });
    const table = await read(image);
    expect(table).toMatchObject({
      kind: "gpt",
      sectorLength,
      diskId: diskGuid,
      protection: "protective",
      warnings: [],
    });
    expect(table.partitions).toEqual([
      {
        number: 1,
        offset: 40 * sectorLength,
        length: 8 * sectorLength,
        placement: "primary",
        typeId: espGuid,
        typeName: "esp",
        uniqueId: "00000000-0000-4000-8000-000000000001",
        name: "EFI-SYSTEM",
        attributes: [2, 63],
        bootable: true,
      },
      {
        number: 2,
        offset: 48 * sectorLength,
        length: 16 * sectorLength,
        placement: "primary",
        typeId: "0fc63daf-8483-4772-8e79-3d69d8477de4",
        typeName: "linux-generic",
        uniqueId: "00000000-0000-4000-8000-000000000002",
        name: "boot",
        attributes: [],
        bootable: false,
      },
    ]);
  });

  test("is not found where the caller insists on the other length", async () => {
    const other = sectorLength === 512 ? 4096 : 512;
    await expect(read(gptImage({ sectorLength }), other)).rejects.toMatchObject({
      code: "LAYOUT_GPT_HEADER_DAMAGED",
    });
  });
});

test("entries of 256 bytes, a hole among them, and a name of 36 units are read", async () => {
  const name = "\u00e9".repeat(36);
  const zero = "00000000-0000-0000-0000-000000000000";
  const parts = [
    { first: 0n, last: 0n, type: zero },
    { first: 40n, last: 40n, name },
  ];
  const { partitions } = await read(gptImage({ entryLength: 256, entryCount: 16, parts }));
  expect(partitions).toMatchObject([{ number: 2, name, length: 512 }]);
});

test("a hybrid MBR is told from a protective one", async () => {
  const image = writeMbr(gptImage(), [
    { systemId: 0x0c, start: 40, count: 8 },
    { systemId: 0xee, start: 1, count: 39 },
  ]);
  const table = await read(image);
  expect(table.protection).toBe("hybrid");
  expect(table.warnings.map(({ code }) => code)).toEqual(["HYBRID_MBR"]);
  expect(table.partitions).toHaveLength(2);
});

test("an enlarged image is read with a warning", async () => {
  const table = await read(Buffer.concat([gptImage(), Buffer.alloc(5000)]));
  expect(table.warnings).toMatchObject([
    { code: "BACKUP_NOT_AT_END", message: expect.stringMatching(/at LBA 127, the image's last is 136/) },
  ]);
});

test("a table that names itself as its backup has none, which is a warning", async () => {
  const table = await read(gptImage({ primary: { alternateLba: 1n } }));
  expect(table.warnings.map(({ code }) => code)).toEqual(["BACKUP_ABSENT"]);
});

test("headers for both lengths of a sector leave the choice to the caller", async () => {
  const image = gptImage({ primary: { entriesLba: 9n, firstUsableLba: 41n }, parts: [] });
  image.copyWithin(9 * 512, 2 * 512, 34 * 512);
  const other = gptImage({ sectorLength: 4096, sectorCount: 16, parts: [] });
  other.copy(image, 4096, 4096, 4096 + 92);
  await expect(read(image)).rejects.toMatchObject({ code: "LAYOUT_SECTOR_LENGTH_AMBIGUOUS" });
});

const refused: readonly (readonly [string, GptOptions, string, RegExp])[] = [
  [
    "no signature",
    { primary: { signature: "EFI PARK" } },
    "GPT_HEADER_DAMAGED",
    /no "EFI PART" signature; the backup at LBA 127 is whole/,
  ],
  [
    "a wrong header CRC",
    { primary: { crcError: 1 } },
    "GPT_HEADER_DAMAGED",
    /CRC-32 0x[0-9a-f]{8}, expected 0x/,
  ],
  [
    "two wrong header CRCs",
    { primary: { crcError: 1 }, backup: { crcError: 1 } },
    "GPT_HEADER_DAMAGED",
    /expected 0x[0-9a-f]{8}$/,
  ],
  [
    "a header of 91 bytes",
    { primary: { headerSize: 91 } },
    "GPT_HEADER_DAMAGED",
    /says it has 91 bytes, expected 92 to 512/,
  ],
  [
    "a header of 4 GiB",
    { primary: { headerSize: 0xffff_ffff } },
    "GPT_HEADER_DAMAGED",
    /says it has 4294967295 bytes/,
  ],
  ["a wrong MyLBA", { primary: { myLba: 7n } }, "GPT_HEADER_DAMAGED", /says that it is at LBA 7/],
  [
    "an unknown revision",
    { primary: { revision: 0x20000 } },
    "GPT_UNSUPPORTED",
    /revision 0x00020000, expected 0x00010000/,
  ],
  ["entries of zero bytes", { primary: { entryLength: 0 } }, "GPT_UNSUPPORTED", /entries of 0 bytes/],
  ["entries of 192 bytes", { primary: { entryLength: 192 } }, "GPT_UNSUPPORTED", /entries of 192 bytes/],
  ["no entries", { primary: { entryCount: 0 } }, "GPT_UNSUPPORTED", /has 0 partition entries/],
  [
    "2^32 - 1 entries",
    { primary: { entryCount: 0xffff_ffff } },
    "GPT_UNSUPPORTED",
    /has 4294967295 partition entries/,
  ],
  [
    "a wrong entry CRC",
    { primary: { entriesCrc32: 5 } },
    "GPT_ENTRIES_DAMAGED",
    /have CRC-32 0x[0-9a-f]+, expected 0x5/,
  ],
  [
    "entries past the end",
    { primary: { entriesLba: 100n } },
    "OUT_OF_RANGE",
    /entries .* outside the image, 0 to 65536/,
  ],
  [
    "entries past 2^53",
    { primary: { entriesLba: 2n ** 63n } },
    "OUT_OF_RANGE",
    /LBA 9223372036854775808 .* more than 2\^53/,
  ],
  ["entries over the header", { primary: { entriesLba: 1n } }, "GPT_ENTRIES_DAMAGED", /./],
  [
    "a usable part past 2^53",
    { primary: { lastUsableLba: 2n ** 64n - 1n } },
    "OUT_OF_RANGE",
    /the usable part .* 2\^53/,
  ],
  [
    "a partition that ends before it starts",
    { parts: [{ first: 50n, last: 48n }] },
    "OUT_OF_RANGE",
    /ends at LBA 48, before its start at LBA 50/,
  ],
  [
    "a partition past the image",
    { parts: [{ first: 50n, last: 128n }] },
    "OUT_OF_RANGE",
    /partition 1 is at offset 25600 with 40448 bytes, to 66048: outside the image, 0 to 65536/,
  ],
  [
    "a partition past 2^53",
    { parts: [{ first: 2n ** 60n, last: 2n ** 60n }] },
    "OUT_OF_RANGE",
    /LBA 1152921504606846976/,
  ],
  [
    "a partition at the highest LBA",
    { parts: [{ first: 0n, last: 2n ** 64n - 1n }] },
    "OUT_OF_RANGE",
    /18446744073709551616 sectors/,
  ],
  [
    "a partition before the first usable LBA",
    { parts: [{ first: 20n, last: 50n }] },
    "OUT_OF_RANGE",
    /outside the usable part of the disk, 17408 to 48640/,
  ],
  [
    "a partition after the last usable LBA",
    { parts: [{ first: 90n, last: 95n }] },
    "OUT_OF_RANGE",
    /outside the usable part of the disk, 17408 to 48640/,
  ],
  [
    "overlapping partitions",
    {
      parts: [
        { first: 50n, last: 60n },
        { first: 40n, last: 50n },
      ],
    },
    "OVERLAP",
    /partition 2, at offset 20480 with 5632 bytes, overlaps partition 1, at offset 25600 with 5632 bytes/,
  ],
  [
    "a partition over the entries",
    { primary: { firstUsableLba: 2n }, backup: { firstUsableLba: 2n }, parts: [{ first: 33n, last: 40n }] },
    "OVERLAP",
    /the partition entries .* overlaps partition 1/,
  ],
  [
    "a damaged backup header",
    { backup: { crcError: 9 } },
    "BACKUP_DAMAGED",
    /the GPT header at LBA 127 has CRC-32/,
  ],
  [
    "damaged backup entries",
    { backup: { entriesCrc32: 9 } },
    "BACKUP_DAMAGED",
    /the partition entries of the GPT at LBA 127/,
  ],
  [
    "a backup in the void",
    { primary: { alternateLba: 500n } },
    "BACKUP_DAMAGED",
    /outside the image.*cut short/,
  ],
  [
    "a backup of another layout",
    { backup: { firstUsableLba: 36n } },
    "BACKUP_DIFFERS",
    /LBA 127 .* another layout/,
  ],
  ["a backup that belongs to another header", { backup: { alternateLba: 3n } }, "BACKUP_DIFFERS", /./],
];

test.each(refused)("%s: refused", async (_what, options, code, message) => {
  await expect(read(gptImage(options))).rejects.toMatchObject({
    code: `LAYOUT_${code}`,
    message: expect.stringMatching(message),
  });
});

test("an image cut short of its partitions or of its backup is refused with the numbers", async () => {
  const image = gptImage();
  await expect(read(image.subarray(0, 60 * 512))).rejects.toMatchObject({
    code: "LAYOUT_OUT_OF_RANGE",
    fields: { offset: 24576, length: 8192, to: 30720 },
  });
  await expect(read(image.subarray(0, 64 * 512))).rejects.toMatchObject({ code: "LAYOUT_BACKUP_DAMAGED" });
  await expect(read(image.subarray(0, 20 * 512))).rejects.toMatchObject({ code: "LAYOUT_OUT_OF_RANGE" });
  await expect(read(image.subarray(0, 512))).rejects.toMatchObject({ code: "LAYOUT_OUT_OF_RANGE" });
});

test("a primary lost under either length of a sector is found damaged, with a word on the backup", async () => {
  for (const sectorLength of [512, 4096]) {
    const image = gptImage({ sectorLength }).fill(0, sectorLength, 2 * sectorLength);
    await expect(read(image)).rejects.toMatchObject({
      code: "LAYOUT_GPT_HEADER_DAMAGED",
      message: expect.stringMatching(/no "EFI PART" signature; the backup at LBA 127 is whole/),
    });
  }
});
