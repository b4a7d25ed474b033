import { MemorySource } from "@bootstamp/byte-source";
import {
  chooseRegion,
  LayoutError,
  probeFileSystems,
  readPartitionTable,
  type FileSystemProbes,
  type PartitionTable,
  type RegionChoice,
} from "@bootstamp/layout";
import { describe, expect, test } from "vitest";
import { extSuperblock, fatBootSector } from "./file-system-images.ts";
import { espGuid, gptImage, mbrImage, writeMbr, type GptPart } from "./table-images.ts";

const xbootldrGuid = "bc13c2ff-59e6-4262-a352-b275fd6f7172";
const biosBootGuid = "21686148-6449-6e6f-744e-656564454649";
const rootGuid = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
const rootVerityGuid = "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5";

interface Disk {
  readonly table: PartitionTable;
  readonly probes: FileSystemProbes;
}

async function open(image: Buffer): Promise<Disk> {
  const source = new MemorySource(image);
  const table = await readPartitionTable(source);
  return { table, probes: await probeFileSystems(source, table) };
}

/** A GPT of partitions of 8 sectors each, from LBA 40 on. */
async function gptDisk(...parts: readonly Pick<GptPart, "type" | "name">[]): Promise<Disk> {
  const placed = parts.map((part, index) => {
    const first = 40n + 8n * BigInt(index);
    return Object.assign({ first, last: first + 7n }, part);
  });
  return await open(gptImage({ parts: placed }));
}

function choose({ table, probes }: Disk, choice?: RegionChoice): number {
  return chooseRegion(table, choice, probes).number;
}

function refusalOf(disk: Disk, choice?: RegionChoice): LayoutError {
  try {
    choose(disk, choice);
  } catch (error) {
    if (error instanceof LayoutError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("roles", () => {
  test("boot is the xbootldr partition, whatever is labelled boot", async () => {
    const disk = await gptDisk({ type: espGuid, name: "boot" }, { type: xbootldrGuid, name: "x" });
    expect(choose(disk, { role: "boot" })).toBe(2);
    expect(choose(disk, { role: "xbootldr" })).toBe(2);
    expect(choose(disk, { role: "esp" })).toBe(1);
  });

  test("boot is else the partition labelled so, but not one of boot loader code", async () => {
    const disk = await gptDisk({ type: espGuid }, { type: biosBootGuid, name: "boot" }, { name: "BOOT" });
    expect(choose(disk, { role: "boot" })).toBe(3);
  });

  test("boot is else the ESP", async () => {
    expect(choose(await gptDisk({ type: rootGuid }, { type: espGuid }), { role: "boot" })).toBe(2);
  });

  test("boot is, in an MBR without labels, the FAT partition that Raspberry Pi firmware reads", async () => {
    const disk = await open(
      mbrImage([
        { systemId: 0x0c, start: 8, count: 8 },
        { systemId: 0x83, start: 16, count: 8 },
      ]),
    );
    expect(choose(disk, { role: "boot" })).toBe(1);
  });

  test("boot is the whole of an image without a table", async () => {
    const disk = await open(fatBootSector());
    expect(choose(disk, { role: "boot" })).toBe(0);
    expect(choose(disk, { number: 0 })).toBe(0);
  });

  test("root is a root type of any architecture, not its verity data; else a label", async () => {
    expect(choose(await gptDisk({ type: rootVerityGuid }, { type: rootGuid }), { role: "root" })).toBe(2);
    expect(choose(await gptDisk({ name: "x" }, { name: "rootfs" }), { role: "root" })).toBe(2);
  });
});

test("a label is the name in the GPT or the file system's, exactly", async () => {
  const image = gptImage({
    parts: [
      { first: 40n, last: 47n, name: "one" },
      { first: 48n, last: 55n, name: "two" },
    ],
  });
  extSuperblock().copy(image, 48 * 512, 0, 2048);
  const disk = await open(image);
  expect(choose(disk, { label: "one" })).toBe(1);
  expect(choose(disk, { label: "stale" })).toBe(2);
  expect(refusalOf(disk, { label: "One" }).code).toBe("LAYOUT_REGION_MISSING");
  expect(refusalOf(disk, { label: "" }).code).toBe("LAYOUT_REGION_MISSING");
  expect(() => chooseRegion(disk.table, { label: "stale" })).toThrow(/no partition has the label "stale"/);
});

test("a name and a label that mean two partitions are ambiguous, not two of one", async () => {
  const image = gptImage({
    parts: [
      { first: 40n, last: 47n, name: "stale" },
      { first: 48n, last: 55n, name: "stale" },
    ],
  });
  extSuperblock().copy(image, 48 * 512, 0, 2048);
  expect(refusalOf(await open(image), { label: "stale" })).toMatchObject({
    code: "LAYOUT_REGION_AMBIGUOUS",
    message: expect.stringMatching(
      /^partitions 1, 2 have the label "stale", expected one; the image has 1: /,
    ),
  });
});

test("a type is a GUID in any case, an MBR id, or an identifier", async () => {
  const gpt = await gptDisk({ type: xbootldrGuid }, { type: espGuid });
  expect(choose(gpt, { type: espGuid.toUpperCase() })).toBe(2);
  expect(choose(gpt, { type: "XBOOTLDR" })).toBe(1);
  const mbr = await open(
    mbrImage([
      { systemId: 0x0b, start: 8, count: 8 },
      { systemId: 0xef, start: 16, count: 8 },
    ]),
  );
  expect(choose(mbr, { type: "0xB" })).toBe(1);
  expect(choose(mbr, { type: "esp" })).toBe(2);
  for (const type of ["xbotldr", "", "constructor", "0x123", "__proto__"]) {
    expect(refusalOf(gpt, { type }).code).toBe("LAYOUT_TYPE_UNKNOWN");
  }
});

test("without a choice, or with one that nothing meets, the partitions are listed", async () => {
  const image = gptImage({
    parts: [
      { first: 40n, last: 47n, type: espGuid, name: "EFI" },
      { first: 48n, last: 55n, type: biosBootGuid },
    ],
  });
  fatBootSector({ label: "BOOT" }).copy(image, 40 * 512, 0, 512);
  const disk = await open(image);
  const partitions = [
    '1: "EFI" esp 4096 bytes (fat12 "BOOT")',
    "2: bios-boot 4096 bytes (no known file system)",
  ];
  const list = `the image has ${partitions.join("; ")}`;
  expect(refusalOf(disk)).toMatchObject({
    code: "LAYOUT_REGION_UNCHOSEN",
    message: `no region is chosen; ${list}`,
    fields: { partitions },
  });
  expect(refusalOf(disk, { number: 3 })).toMatchObject({
    code: "LAYOUT_REGION_MISSING",
    message: `no partition has the number 3; ${list}`,
  });
  expect(refusalOf(await gptDisk())).toMatchObject({
    message: "no region is chosen; the image has no partitions",
  });
});

test("an extended partition is no region", async () => {
  const image = mbrImage([{ systemId: 0x05, start: 8, count: 64 }]);
  writeMbr(image, [{ systemId: 0x83, start: 8, count: 8 }], 8 * 512);
  const disk = await open(image);
  expect(disk.probes.has(1)).toBe(false);
  expect(refusalOf(disk, { number: 1 }).code).toBe("LAYOUT_REGION_UNUSABLE");
  expect(choose(disk, { number: 5 })).toBe(5);
});

test("names from the image cannot steer a terminal", async () => {
  const { message } = refusalOf(await gptDisk({ name: "\u001b[2J\u009b\u202e\n" }));
  expect(message).toContain(String.raw`"\u001b[2J\u009b\u202e\n"`);
});
