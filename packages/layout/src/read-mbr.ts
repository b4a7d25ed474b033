import type { ByteSource } from "@bootstamp/byte-source";
import { firstLogicalNumber, readExtendedChain } from "./extended-chain.ts";
import { LayoutError } from "./layout-error.ts";
import {
  activeIndicator,
  hasValidIndicator,
  isExtended,
  type MbrEntry,
  type MbrSector,
} from "./mbr-sector.ts";
import type { Partition, PartitionPlacement, PartitionTable, SectorLength } from "./partition-table.ts";
import { mbrTypeId, mbrTypeName } from "./partition-type.ts";
import { checkDisjoint, checkInside, imageSpan, partitionSpan, sectorSpan } from "./span.ts";

/**
 * Reads and checks the MBR that `record` is, with its logical partitions.
 * @throws LayoutError as `readPartitionTable` says.
 */
export async function readMbr(
  source: ByteSource,
  sectorLength: SectorLength,
  record: MbrSector,
): Promise<PartitionTable> {
  const primaries = parsePrimaries(source, sectorLength, record);
  const container = primaries.find(({ placement }) => placement === "extended");
  const logicals = container === undefined ? [] : await readLogicals(source, sectorLength, record, container);
  return {
    kind: "mbr",
    sectorLength,
    diskId: `0x${signatureOf(record)}`,
    protection: undefined,
    gpt: undefined,
    warnings: [],
    partitions: [...primaries, ...logicals],
  };
}

/**
 * The used entries of the MBR itself.
 * @throws LayoutError `LAYOUT_MBR_DAMAGED`, `LAYOUT_OUT_OF_RANGE`, `LAYOUT_OVERLAP`.
 */
export function parsePrimaries(
  source: ByteSource,
  sectorLength: SectorLength,
  record: MbrSector,
): Partition[] {
  const primaries = record.entries.map((entry) => {
    checkIndicator(entry);
    const number = entry.slot + 1;
    return partitionOf(record, entry, number, isExtended(entry) ? "extended" : "primary", sectorLength);
  });
  const spans = primaries.map(partitionSpan);
  for (const span of spans) checkInside(span, imageSpan(source));
  checkDisjoint([{ what: "the MBR", offset: 0, length: sectorLength }, ...spans]);
  const containers = primaries.filter(({ placement }) => placement === "extended");
  if (containers.length > 1) {
    const numbers = containers.map(({ number }) => number).join(" and ");
    throw new LayoutError(
      "LAYOUT_MBR_DAMAGED",
      `partitions ${numbers} of the MBR are extended, expected one at most`,
    );
  }
  return primaries;
}

async function readLogicals(
  source: ByteSource,
  sectorLength: SectorLength,
  record: MbrSector,
  container: Partition,
): Promise<Partition[]> {
  const chain = await readExtendedChain(source, partitionSpan(container), sectorLength);
  return chain.map((entry, index) =>
    partitionOf(record, entry, firstLogicalNumber + index, "logical", sectorLength),
  );
}

function partitionOf(
  record: MbrSector,
  entry: MbrEntry,
  number: number,
  placement: PartitionPlacement,
  sectorLength: SectorLength,
): Partition {
  const count = BigInt(entry.sectorCount);
  const { offset, length } = sectorSpan(
    `partition ${number}`,
    BigInt(entry.startingLba),
    count,
    sectorLength,
  );
  return {
    number,
    offset,
    length,
    placement,
    typeId: mbrTypeId(entry.systemId),
    typeName: mbrTypeName(entry.systemId),
    // Linux's PARTUUID of a partition that has none of its own.
    uniqueId: `${signatureOf(record)}-${number.toString(16).padStart(2, "0")}`,
    name: "",
    attributes: [],
    bootable: entry.bootIndicator === activeIndicator,
  };
}

function checkIndicator(entry: MbrEntry): void {
  if (hasValidIndicator(entry)) return;
  throw new LayoutError(
    "LAYOUT_MBR_DAMAGED",
    `partition ${entry.slot + 1} of the MBR has boot indicator 0x${entry.bootIndicator.toString(16)}, expected 0x80 or 0x0`,
    { number: entry.slot + 1, bootIndicator: entry.bootIndicator },
  );
}

function signatureOf(record: MbrSector): string {
  return record.diskSignature.toString(16).padStart(8, "0");
}
