// Tables made and read by sfdisk, sgdisk and fdisk: the witnesses of what our reader says.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSource } from "@bootstamp/byte-source";
import { readPartitionTable, type Partition, type PartitionTable } from "@bootstamp/layout";
import { run, runBytes } from "@bootstamp/witnesses";
import fc from "fast-check";

/** Runs `body` with the path of a new sparse file of `length` bytes, which is gone afterwards. */
export async function withImage<T>(length: number, body: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-layout-"));
  const path = join(folder, "disk.img");
  try {
    writeFileSync(path, "");
    truncateSync(path, length);
    return await body(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function readTableOf(path: string, sectorLength?: 512 | 4096): Promise<PartitionTable> {
  const source = FileSource.open(path);
  try {
    return await readPartitionTable(source, sectorLength === undefined ? {} : { sectorLength });
  } finally {
    source.close();
  }
}

/** What both readers can say about a partition, in one form. */
interface SeenPartition {
  readonly number: number;
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid: string | undefined;
  readonly name: string | undefined;
  readonly attributes: readonly number[];
  readonly bootable: boolean;
}

export interface SeenTable {
  readonly label: string;
  readonly id: string;
  readonly partitions: readonly SeenPartition[];
}

interface SfdiskPartition {
  readonly node: string;
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid?: string;
  readonly name?: string;
  readonly attrs?: string;
  readonly bootable?: boolean;
}

interface SfdiskReport {
  readonly partitiontable: {
    readonly label: string;
    readonly id: string;
    readonly partitions?: readonly SfdiskPartition[];
  };
}

/** The table in `path`, in sectors of 512 bytes, as sfdisk sees it. */
export async function seenBySfdisk(path: string): Promise<SeenTable> {
  const report: SfdiskReport = JSON.parse((await runBytes("sfdisk", ["--json", path])).toString());
  const { label, id, partitions = [] } = report.partitiontable;
  return {
    label,
    id: id.toLowerCase(),
    partitions: partitions.map((part) => ({
      number: Number(part.node.slice(path.length)),
      start: part.start,
      size: part.size,
      type: part.type.toLowerCase(),
      uuid: part.uuid?.toLowerCase(),
      name: part.name,
      attributes: parseAttributes(part.attrs ?? ""),
      bootable: part.bootable ?? false,
    })),
  };
}

const attributeNames = ["RequiredPartition", "NoBlockIOProtocol", "LegacyBIOSBootable"];

/** The numbers of the bits in a text such as "RequiredPartition GUID:48,60". */
export function parseAttributes(text: string): number[] {
  const words = text.split(" ").filter((word) => word !== "");
  return words.flatMap((word) => {
    const named = attributeNames.indexOf(word);
    return named === -1 ? word.replace("GUID:", "").split(",").map(Number) : [named];
  });
}

/** What {@link seenBySfdisk} says, from our reader's table. */
export function seenByUs(table: PartitionTable): SeenTable {
  return {
    label: table.kind === "mbr" ? "dos" : table.kind,
    id: table.diskId ?? "",
    partitions: table.partitions.map((partition) => seenPartition(table, partition)),
  };
}

function seenPartition(table: PartitionTable, partition: Partition): SeenPartition {
  const isGpt = table.kind === "gpt";
  return {
    number: partition.number,
    start: partition.offset / table.sectorLength,
    size: partition.length / table.sectorLength,
    type: isGpt ? partition.typeId : partition.typeId.replace(/^0x0?/, ""),
    uuid: isGpt ? partition.uniqueId : undefined,
    name: partition.name === "" ? undefined : partition.name,
    attributes: partition.attributes,
    bootable: !isGpt && partition.bootable,
  };
}

/** One partition to be made: sectors of free space before it, and of itself. */
export interface WantedPartition {
  readonly gap: number;
  readonly size: number;
  readonly type: string;
  readonly name: string;
  readonly attributes: readonly number[];
}

const types = [
  "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
  "BC13C2FF-59E6-4262-A352-B275FD6F7172",
  "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
  "12345678-9ABC-DEF0-1234-56789ABCDEF0",
];
const names = ["", "boot", "EFI System", "caf\u00e9 \u20ac", "x".repeat(36)];

export const wantedPartitions: fc.Arbitrary<readonly WantedPartition[]> = fc.array(
  fc.record({
    gap: fc.nat(3000),
    size: fc.integer({ min: 1, max: 5000 }),
    type: fc.constantFrom(...types),
    name: fc.constantFrom(...names),
    attributes: fc.subarray([0, 1, 2, 48, 60, 63]),
  }),
  { maxLength: 7 },
);

export interface PlacedPartition extends WantedPartition {
  readonly start: number;
}

/** Places the partitions one after the other, the first at `first` or later. */
export function placed(wanted: readonly WantedPartition[], first: number): PlacedPartition[] {
  let next = first;
  return wanted.map((part) => {
    const start = next + part.gap;
    next = start + part.size;
    return Object.assign({ start }, part);
  });
}

/** An sfdisk script for a GPT. */
export function gptScript(wanted: readonly WantedPartition[], first: number, label = "gpt"): string {
  const lines = placed(wanted, first).map(({ start, size, type, name, attributes }) => {
    const words = attributes.map((bit) => attributeNames[bit] ?? `GUID:${bit}`).join(" ");
    return `start=${start}, size=${size}, type=${type}, name="${name}"${words === "" ? "" : `, attrs="${words}"`}`;
  });
  return `label: ${label}\n\n${lines.join("\n")}\n`;
}

export async function sfdisk(path: string, script: string): Promise<void> {
  await run("sfdisk", ["--quiet", "--no-reread", path], { input: script });
}
