import { MemorySource } from "@bootstamp/byte-source";
import {
  composeTable,
  describeTable,
  gptUsable,
  readPartitionTable,
  type GptDescription,
  type MbrDescription,
  type MbrPartitionDescription,
  type TableDescription,
} from "@bootstamp/layout";
import { describe, expect, test } from "vitest";
import { coreosDescription, mebibyte } from "./descriptions.ts";
import { gptImage, writeMbr } from "./table-images.ts";

const gpt = coreosDescription(512);
const [first] = gpt.partitions;
if (first === undefined) throw new Error("internal error: no partitions");

function gptWith(change: Partial<GptDescription>): GptDescription {
  return { ...gpt, ...change };
}

function firstWith(change: Partial<typeof first>): GptDescription {
  return gptWith({
    partitions: [{ ...gpt.partitions[0], ...change } as (typeof gpt.partitions)[0] & object],
  });
}

const boot: MbrPartitionDescription = {
  number: 1,
  offset: mebibyte,
  length: mebibyte,
  placement: "primary",
  typeId: "0x0c",
  bootable: true,
};
const extended: MbrPartitionDescription = {
  ...boot,
  number: 2,
  offset: 2 * mebibyte,
  length: 6 * mebibyte,
  placement: "extended",
  typeId: "0x0f",
  bootable: false,
};
const logical: MbrPartitionDescription = {
  ...boot,
  number: 5,
  offset: 3 * mebibyte,
  placement: "logical",
  typeId: "0x83",
};

function mbr(...partitions: readonly MbrPartitionDescription[]): MbrDescription {
  return { kind: "mbr", sectorLength: 512, diskLength: 16 * mebibyte, diskId: "0x1234abcd", partitions };
}

const guid = "00000000-0000-4000-a000-0000000000ff";
const zeroGuid = "00000000-0000-0000-0000-000000000000";

const refused: readonly (readonly [string, TableDescription, string, RegExp])[] = [
  [
    "half a sector of disk",
    gptWith({ diskLength: 1e7 + 1 }),
    "UNALIGNED",
    /the disk has length 10000001.*: 129 bytes/,
  ],
  [
    "a disk too short for a GPT",
    gptWith({ diskLength: 66 * 512 }),
    "OUT_OF_RANGE",
    /needs 34304: 512 bytes are missing/,
  ],
  ["a disk of no bytes", gptWith({ diskLength: 0 }), "OUT_OF_RANGE", /a disk of 0 bytes/],
  ["a disk past 2^53", gptWith({ diskLength: 2 ** 60 }), "OUT_OF_RANGE", /expected 0 to 2\^53/],
  ["2^32 entries", gptWith({ entryCount: 2 ** 32 }), "GPT_UNSUPPORTED", /4294967296 partition entries/],
  ["half an entry", gptWith({ entryCount: 0.5 }), "GPT_UNSUPPORTED", /has 0.5 partition entries/],
  ["entries of no bytes", gptWith({ entryLength: 0 }), "GPT_UNSUPPORTED", /entries of 0 bytes/],
  ["entries of 100 bytes", gptWith({ entryLength: 100 }), "GPT_UNSUPPORTED", /entries of 100 bytes/],
  [
    "a usable part over the entries",
    gptWith({ usable: { offset: 512, length: 512 } }),
    "OUT_OF_RANGE",
    /the usable part .* outside what the table leaves/,
  ],
  [
    "a usable part of odd length",
    gptWith({ usable: { offset: mebibyte, length: 513 } }),
    "UNALIGNED",
    /usable part .* length 513/,
  ],
  ["no disk id", gptWith({ diskId: "" }), "ID_INVALID", /the disk has disk id "", expected a GUID/],
  ["a zero disk id", gptWith({ diskId: zeroGuid }), "ID_INVALID", /which means none/],
  ["half a partition number", firstWith({ number: 1.5 }), "NUMBER_INVALID", /number 1.5 is none of 1 to 128/],
  [
    "a partition number past the entries",
    firstWith({ number: 129 }),
    "NUMBER_INVALID",
    /number 129 is none of/,
  ],
  [
    "a partition number twice",
    gptWith({ partitions: [first, { ...first, uniqueId: guid }] }),
    "NUMBER_INVALID",
    /number 1 is there twice/,
  ],
  [
    "a partition at half a sector",
    firstWith({ offset: mebibyte + 1 }),
    "UNALIGNED",
    /partition 1 has offset 1048577, .* 1 bytes are over/,
  ],
  ["a partition without bytes", firstWith({ length: 0 }), "OUT_OF_RANGE", /partition 1 has 0 bytes/],
  ["a partition of minus bytes", firstWith({ length: -512 }), "OUT_OF_RANGE", /partition 1 has length -512/],
  ["a partition at NaN", firstWith({ offset: NaN }), "OUT_OF_RANGE", /offset NaN/],
  [
    "a partition before the usable part",
    firstWith({ offset: 40 * 512 }),
    "OUT_OF_RANGE",
    /outside the usable part of the disk, 1048576 to/,
  ],
  [
    "a partition over the backup",
    firstWith({ offset: gpt.diskLength - 512, length: 512 }),
    "OUT_OF_RANGE",
    /outside the usable part/,
  ],
  ["a partition past the disk", firstWith({ length: 2 ** 40 }), "OUT_OF_RANGE", /outside the disk, 0 to/],
  [
    "overlapping partitions",
    gptWith({ partitions: [first, { ...first, number: 2, uniqueId: guid }] }),
    "OVERLAP",
    /partition 1, .* overlaps partition 2/,
  ],
  [
    "one id twice",
    gptWith({
      partitions: [
        first,
        { ...first, number: 2, offset: 8 * mebibyte, uniqueId: first.uniqueId.toUpperCase() },
      ],
    }),
    "ID_REPEATED",
    /partitions 1 and 2 both have the id 00000000-0000-4000-a000-000000000010/,
  ],
  [
    "a type that is none",
    firstWith({ typeId: "esp" }),
    "TYPE_INVALID",
    /partition 1 has type "esp", expected a GUID/,
  ],
  ["the type of an unused entry", firstWith({ typeId: zeroGuid }), "TYPE_INVALID", /which means none/],
  [
    "an id that is none",
    firstWith({ uniqueId: "1234abcd-01" }),
    "ID_INVALID",
    /partition 1 has unique id "1234abcd-01"/,
  ],
  [
    "a name of 37 units",
    firstWith({ name: `${"\u{1f680}".repeat(18)}x` }),
    "NAME_INVALID",
    /has 37 UTF-16 units, expected 36/,
  ],
  ["a name with a null", firstWith({ name: "a\0b" }), "NAME_INVALID", /"a\\u0000b", has a null at unit 1/],
  [
    "attribute bit 64",
    firstWith({ attributes: [64] }),
    "ATTRIBUTE_INVALID",
    /attribute bit 64, expected 0 to 63/,
  ],
  ["attribute bit -1", firstWith({ attributes: [-1] }), "ATTRIBUTE_INVALID", /attribute bit -1/],
  ["an MBR's id that is a GUID", { ...mbr(boot), diskId: guid }, "ID_INVALID", /expected 0x and eight hex/],
  ["a primary partition 5", mbr({ ...boot, number: 5 }), "NUMBER_INVALID", /number 5 is none of 1 to 4/],
  [
    "a logical partition 4",
    mbr(extended, { ...logical, number: 4 }),
    "NUMBER_INVALID",
    /number 4 is none of 5 to 60/,
  ],
  [
    "logical partitions with a gap",
    mbr(extended, { ...logical, number: 6 }),
    "EXTENDED_INVALID",
    /the numbers 6, expected 5 to 5/,
  ],
  ["a logical partition alone", mbr(logical), "EXTENDED_INVALID", /partition 5 is logical, but no/],
  [
    "two extended partitions",
    mbr(extended, { ...extended, number: 3, offset: 8 * mebibyte }),
    "EXTENDED_INVALID",
    /partitions 2 and 3 are extended/,
  ],
  [
    "a logical partition outside",
    mbr(extended, { ...logical, offset: 9 * mebibyte }),
    "OUT_OF_RANGE",
    /partition 5 .* outside the extended partition 2, 2097152 to 8388608/,
  ],
  [
    "a logical partition over its record",
    mbr(extended, { ...logical, offset: 2 * mebibyte }),
    "OVERLAP",
    /record of partition 5, .* overlaps partition 5/,
  ],
  [
    "logical partitions without room for a record",
    mbr(extended, logical, { ...logical, number: 6, offset: 4 * mebibyte }),
    "OVERLAP",
    /partition 5, .* overlaps the extended boot record of partition 6/,
  ],
  ["a partition over the MBR", mbr({ ...boot, offset: 0 }), "OVERLAP", /the MBR, .* overlaps partition 1/],
  ["an MBR's type that is a GUID", mbr({ ...boot, typeId: guid }), "TYPE_INVALID", /expected 0x01 to 0xff/],
  ["type 0x00", mbr({ ...boot, typeId: "0x00" }), "TYPE_INVALID", /expected 0x01/],
  ["type 0xee", mbr({ ...boot, typeId: "0xee" }), "TYPE_INVALID", /says that the disk has a GPT/],
  [
    "a primary partition of an extended type",
    mbr({ ...boot, typeId: "0x05" }),
    "TYPE_INVALID",
    /the primary partition 1 has type 0x05, which is extended/,
  ],
  [
    "an extended partition of another type",
    mbr({ ...extended, typeId: "0x83" }),
    "TYPE_INVALID",
    /the extended partition 2 has type 0x83, which is not/,
  ],
  [
    "a partition past 2^32 sectors",
    { ...mbr({ ...boot, offset: 2 ** 41 }), diskLength: 2 ** 42 },
    "OUT_OF_RANGE",
    /starts at LBA 4294967296 .* use a GPT/,
  ],
];

test.each(refused)("%s: refused", (_what, description, code, message) => {
  expect(() => composeTable(description)).toThrow(
    expect.objectContaining({ code: `LAYOUT_${code}`, message: expect.stringMatching(message) }),
  );
});

describe("where partitions of a GPT may lie", () => {
  test("starts at 1 MiB, or behind the entries of a small disk, and ends before the backup", () => {
    const small = { sectorLength: 512, diskLength: 4 * mebibyte } as const;
    expect(gptUsable(small)).toEqual({ offset: 34 * 512, length: (8192 - 67) * 512 });
    const larger = { ...small, diskLength: 4 * mebibyte + 512 };
    expect(gptUsable(larger)).toEqual({ offset: mebibyte, length: 3 * mebibyte - 32 * 512 });
    expect(gptUsable({ ...larger, sectorLength: 4096, diskLength: 8 * mebibyte })).toEqual({
      offset: mebibyte,
      length: 7 * mebibyte - 5 * 4096,
    });
  });

  test("can be told, and is kept", async () => {
    const usable = { offset: 34 * 512, length: 200 * mebibyte };
    const description = gptWith({ usable, partitions: [{ ...first, offset: 40 * 512 }] });
    const pieces = composeTable(description);
    const header = Buffer.from(pieces[1]?.bytes ?? []);
    expect(header.readBigUInt64LE(40)).toBe(34n);
    expect(header.readBigUInt64LE(48)).toBe(34n + 409_600n - 1n);
  });
});

describe("what is read and described", () => {
  test("is composed to the same bytes, from a table that another hand wrote", async () => {
    const image = gptImage();
    const description = describeTable(await readPartitionTable(new MemorySource(image)), image.length);
    expect(description).toMatchObject({ kind: "gpt", entryCount: 128, usable: { offset: 34 * 512 } });
    for (const { offset, bytes } of composeTable(description).slice(1)) {
      expect(image.subarray(offset, offset + bytes.length).equals(bytes)).toBe(true);
    }
  });

  test("can not be a hybrid, nor nothing at all", async () => {
    const hybrid = writeMbr(gptImage(), [
      { systemId: 0x0c, start: 40, count: 8 },
      { systemId: 0xee, start: 1, count: 39 },
    ]);
    const table = await readPartitionTable(new MemorySource(hybrid));
    expect(() => describeTable(table, hybrid.length)).toThrow(
      expect.objectContaining({ code: "LAYOUT_NOT_DESCRIBABLE", message: expect.stringMatching(/hybrid/) }),
    );
    expect(() => describeTable({ ...table, kind: "none", diskId: undefined }, 512)).toThrow(
      expect.objectContaining({ code: "LAYOUT_NOT_DESCRIBABLE" }),
    );
  });
});
