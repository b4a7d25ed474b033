import type { ByteSource } from "@bootstamp/byte-source";
import { describeFileSystem } from "./describe-partition.ts";
import { parseFatBootSector } from "./fat-boot-sector.ts";
import { probeFileSystem, type FileSystemProbe } from "./file-system-probe.ts";
import { LayoutError } from "./layout-error.ts";
import { hasValidIndicator, mbrLength, parseMbrSector, type MbrSector } from "./mbr-sector.ts";
import type { PartitionTable, SectorLength, TableWarning } from "./partition-table.ts";
import { protectionOf } from "./protective-mbr.ts";
import { readGpt } from "./read-gpt.ts";
import { parsePrimaries, readMbr } from "./read-mbr.ts";
import { detectSectorLength, wholeHeaderOffsets } from "./sector-length.ts";
import { checkInside, imageSpan } from "./span.ts";

export interface ReadTableOptions {
  /** Bytes of a sector where the caller knows better. Else a GPT shows it by the place of its header; an MBR has 512. */
  readonly sectorLength?: SectorLength;
}

/**
 * Reads the partition table of the image `source` and checks it.
 *
 * GPT: CRCs of header and entries, of primary and backup, and that the two agree. A backup that is not in the last
 * sector of the image (it was enlarged) or that the table says is absent is a warning. A FAT or ext file system that
 * fills an image without a table gives a table of kind "none" with that one partition, number 0.
 * Memory is bounded by the largest entry array allowed, 1 MiB, whatever the image says.
 *
 * @throws LayoutError `LAYOUT_NO_TABLE`; `LAYOUT_MBR_DAMAGED`, `LAYOUT_EXTENDED_DAMAGED`, `LAYOUT_EXTENDED_LOOP`;
 * `LAYOUT_PROTECTIVE_MBR_MISSING`, `LAYOUT_GPT_HEADER_DAMAGED`, `LAYOUT_GPT_ENTRIES_DAMAGED`, `LAYOUT_GPT_UNSUPPORTED`,
 * `LAYOUT_BACKUP_DAMAGED`, `LAYOUT_BACKUP_DIFFERS`, `LAYOUT_SECTOR_LENGTH_AMBIGUOUS`; `LAYOUT_OUT_OF_RANGE` and
 * `LAYOUT_OVERLAP` for partitions and parts of the table.
 */
export async function readPartitionTable(
  source: ByteSource,
  options: ReadTableOptions = {},
): Promise<PartitionTable> {
  if (source.length < mbrLength) {
    throw new LayoutError(
      "LAYOUT_NO_TABLE",
      `the image has ${source.length} bytes: too short for a partition table`,
    );
  }
  const bootSector = await source.read(0, mbrLength);
  const record = parseMbrSector(bootSector);
  const protection = record === undefined ? undefined : protectionOf(record);
  if (protection !== undefined) {
    return await readGpt(source, options.sectorLength ?? (await detectSectorLength(source)), protection);
  }
  const gptOffsets = await wholeHeaderOffsets(source, options.sectorLength);
  const sectorLength = options.sectorLength ?? 512;
  if (record !== undefined && isMbr(source, sectorLength, record, bootSector)) {
    const table = await readMbr(source, sectorLength, record);
    return gptOffsets.length === 0 ? table : { ...table, warnings: [staleGptWarning] };
  }
  return await readWithoutTable(source, sectorLength, record, gptOffsets);
}

const staleGptWarning: TableWarning = {
  code: "STALE_GPT",
  message: "there is a GPT header behind an MBR that does not protect it: only the MBR is used",
};

/**
 * Tells a partition table from the boot sector of a file system, which ends in 55 AA too, with code in the entries'
 * place. mkfs.vfat may write one entry that spans the whole disk, boot sector included: no table either.
 */
function isMbr(
  source: ByteSource,
  sectorLength: SectorLength,
  record: MbrSector,
  bootSector: Uint8Array,
): boolean {
  if (record.entries.length === 0 || !record.entries.every(hasValidIndicator)) return false;
  if (parseFatBootSector(bootSector) === undefined) return true;
  try {
    parsePrimaries(source, sectorLength, record);
    return true;
  } catch (error) {
    if (error instanceof LayoutError) return false;
    throw error;
  }
}

async function readWithoutTable(
  source: ByteSource,
  sectorLength: SectorLength,
  record: MbrSector | undefined,
  gptOffsets: readonly number[],
): Promise<PartitionTable> {
  const probe = await probeFileSystem(source, { offset: 0, length: source.length });
  if (probe.editable) return wholeImageTable(source, sectorLength, probe);
  if (gptOffsets.length > 0) {
    throw new LayoutError(
      "LAYOUT_PROTECTIVE_MBR_MISSING",
      `there is a GPT header at offset ${gptOffsets.join(" and ")}, but no protective MBR at offset 0: neither firmware nor Linux sees such a table`,
    );
  }
  // Either empty, or damaged in a way that the reader puts into words.
  if (record !== undefined && probe.name === "unknown") return await readMbr(source, sectorLength, record);
  throw new LayoutError(
    "LAYOUT_NO_TABLE",
    `the image has no partition table: it starts with ${describeFileSystem(probe)}`,
    { fileSystem: probe.name },
  );
}

function wholeImageTable(
  source: ByteSource,
  sectorLength: SectorLength,
  probe: FileSystemProbe,
): PartitionTable {
  if (probe.length !== undefined) {
    checkInside(
      { what: `the ${probe.name} file system`, offset: 0, length: probe.length },
      imageSpan(source),
    );
  }
  return {
    kind: "none",
    sectorLength,
    diskId: undefined,
    protection: undefined,
    gpt: undefined,
    warnings: [],
    partitions: [
      {
        number: 0,
        offset: 0,
        length: source.length,
        placement: "whole-image",
        typeId: "",
        typeName: undefined,
        uniqueId: undefined,
        name: "",
        attributes: [],
        bootable: false,
      },
    ],
  };
}
