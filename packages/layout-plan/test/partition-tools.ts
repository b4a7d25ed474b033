// Tables that sfdisk and systemd-repart make: the witnesses of what is planned.
import type { TableDescription } from "@bootstamp/layout";
import { run, runBytes } from "@bootstamp/witnesses";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that is gone when the test ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-layout-plan-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What both a plan and sfdisk can say of a table, places in bytes. */
export interface SeenTable {
  readonly id: string;
  readonly usable: readonly [first: number, end: number] | undefined;
  readonly partitions: readonly SeenPartition[];
}

interface SeenPartition {
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  readonly type: string;
  readonly uuid: string;
  readonly name: string;
  readonly attributes: readonly number[];
  readonly bootable: boolean;
}

export function seenPlan(table: TableDescription): SeenTable {
  const usable =
    table.kind === "gpt" && table.usable !== undefined
      ? ([table.usable.offset, table.usable.offset + table.usable.length] as const)
      : undefined;
  const partitions =
    table.kind === "gpt"
      ? table.partitions.map(({ number, offset, length, typeId, uniqueId, name, attributes }) => ({
          number,
          offset,
          length,
          name,
          attributes,
          type: typeId,
          uuid: uniqueId,
          bootable: false,
        }))
      : table.partitions.map(({ number, offset, length, typeId, bootable }) => ({
          number,
          offset,
          length,
          bootable,
          type: typeId,
          uuid: "",
          name: "",
          attributes: [],
        }));
  return { id: table.diskId, usable, partitions };
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

interface SfdiskTable {
  readonly id: string;
  readonly firstlba?: number;
  readonly lastlba?: number;
  readonly sectorsize: number;
  readonly partitions?: readonly SfdiskPartition[];
}

/** What sfdisk reads from the image at `path`. */
export async function seenBySfdisk(path: string): Promise<SeenTable> {
  const printed = await runBytes("sfdisk", ["--json", path]);
  const { partitiontable: table } = JSON.parse(printed.toString("utf8")) as { partitiontable: SfdiskTable };
  const sector = table.sectorsize;
  const { firstlba, lastlba } = table;
  return {
    id: table.id.toLowerCase(),
    usable:
      firstlba === undefined || lastlba === undefined
        ? undefined
        : [firstlba * sector, (lastlba + 1) * sector],
    partitions: (table.partitions ?? []).map((partition) => ({
      number: Number(partition.node.slice(path.length)),
      offset: partition.start * sector,
      length: partition.size * sector,
      type:
        partition.uuid === undefined ? `0x${partition.type.padStart(2, "0")}` : partition.type.toLowerCase(),
      uuid: partition.uuid?.toLowerCase() ?? "",
      name: partition.name ?? "",
      attributes: attributeBits(partition.attrs ?? ""),
      bootable: partition.bootable ?? false,
    })),
  };
}

const attributeNames: readonly string[] = ["RequiredPartition", "NoBlockIOProtocol", "LegacyBIOSBootable"];

function attributeBits(attributes: string): readonly number[] {
  const words = attributes.replaceAll("GUID:", "").split(/[ ,]+/);
  const bits = words
    .filter((word) => word !== "")
    .map((word) => (/^\d/.test(word) ? Number(word) : attributeNames.indexOf(word)));
  return bits.toSorted((a, b) => a - b);
}

/** An image of `length` bytes that sfdisk partitions as `script` says; returns its path. */
export async function partitionedBySfdisk(length: number, script: string): Promise<string> {
  const path = join(scratch(), "disk.img");
  writeFileSync(path, "");
  truncateSync(path, length);
  await run("sfdisk", ["--quiet", path], { input: script });
  return path;
}

/** The image that systemd-repart makes of definitions, by name; `size` is that of --size=. */
export async function partitionedByRepart(
  definitions: Readonly<Record<string, string>>,
  size: string,
  seed: string,
): Promise<string> {
  const folder = scratch();
  mkdirSync(join(folder, "repart.d"));
  for (const [name, text] of Object.entries(definitions)) {
    const path = join(folder, "repart.d", name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  }
  const path = join(folder, "disk.img");
  const options = ["--empty=create", "--dry-run=no", "--pretty=no", "--discard=no"];
  const what = [`--definitions=${join(folder, "repart.d")}`, `--size=${size}`, `--seed=${seed}`];
  await run("systemd-repart", [...options, ...what, path]);
  return path;
}
