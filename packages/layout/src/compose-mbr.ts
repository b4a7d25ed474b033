import { checkNumbers, checkPlace, nameOf, spanOf } from "./check-description.ts";
import { encodeChs } from "./chs.ts";
import type { TablePiece } from "./compose-table.ts";
import { firstLogicalNumber } from "./extended-chain.ts";
import { planRecords, recordSpan, type LogicalRecord } from "./extended-plan.ts";
import { LayoutError } from "./layout-error.ts";
import {
  activeIndicator,
  encodeMbrTable,
  isExtended,
  mbrTableOffset,
  protectiveSystemId,
  type MbrEntryToWrite,
} from "./mbr-sector.ts";
import { mbrTypeId } from "./partition-type.ts";
import { checkDisjoint, checkInside } from "./span.ts";
import type { MbrDescription, MbrPartitionDescription } from "./table-description.ts";

/** Entries of an MBR, and so the largest number of a partition that is no logical one. */
const entryCount = 4;
/** Records in a chain that sfdisk makes; Linux reads a hundred. */
const maximumLogicals = 56;
/** What a link between records bears, whatever type the extended partition has. */
const linkSystemId = 0x05;
/** One more than the largest LBA, or number of sectors, that 32 bits hold. */
const sectorLimit = 2 ** 32;

/** The bytes of an MBR and of its chain of extended records. Throws as `composeTable` says. */
export function composeMbr(description: MbrDescription): TablePiece[] {
  const primaries = description.partitions.filter(({ placement }) => placement !== "logical");
  const logicals = description.partitions
    .filter(({ placement }) => placement === "logical")
    .toSorted((a, b) => a.number - b.number);
  checkMbr(description, primaries, logicals);
  const { sectorLength } = description;
  const table = encodeMbrTable(
    parseSignature(description.diskId),
    primaries.map((partition) => entryOf(partition, partition.number - 1, sectorLength)),
  );
  const container = primaries.find(({ placement }) => placement === "extended");
  const chain = container === undefined ? [] : composeChain(container, logicals, sectorLength);
  return [{ offset: mbrTableOffset, bytes: table }, ...chain];
}

function composeChain(
  container: MbrPartitionDescription,
  logicals: readonly MbrPartitionDescription[],
  sectorLength: number,
): TablePiece[] {
  const records = planRecords(container, logicals, sectorLength);
  const spans = records.map((record) => recordSpan(record, sectorLength));
  for (const span of [...logicals.map(spanOf), ...spans]) {
    checkInside(span, { ...spanOf(container), what: `the extended ${nameOf(container)}` });
  }
  checkDisjoint([...spans, ...logicals.map(spanOf)]);
  return records.map((record, index) => ({
    offset: record.offset + mbrTableOffset,
    bytes: composeRecord(record, records[index + 1], container.offset, sectorLength),
  }));
}

/** A record's own partition counts from the record; the link to the next one counts from the extended partition. */
function composeRecord(
  record: LogicalRecord,
  next: LogicalRecord | undefined,
  containerOffset: number,
  sectorLength: number,
): Uint8Array {
  const { partition } = record;
  const entries: MbrEntryToWrite[] = [];
  if (partition !== undefined) {
    const entry = entryOf(partition, 0, sectorLength);
    entries.push({ ...entry, startingLba: (partition.offset - record.offset) / sectorLength });
  }
  if (next?.partition !== undefined) {
    const end = next.partition.offset + next.partition.length;
    const link = { offset: next.offset, length: end - next.offset };
    const entry = entryOf({ ...link, typeId: mbrTypeId(linkSystemId), bootable: false }, 1, sectorLength);
    entries.push({ ...entry, startingLba: (next.offset - containerOffset) / sectorLength });
  }
  return encodeMbrTable(0, entries);
}

function entryOf(
  partition: Pick<MbrPartitionDescription, "offset" | "length" | "typeId" | "bootable">,
  slot: number,
  sectorLength: number,
): MbrEntryToWrite {
  const startingLba = partition.offset / sectorLength;
  const sectorCount = partition.length / sectorLength;
  return {
    slot,
    bootIndicator: partition.bootable ? activeIndicator : 0,
    systemId: Number(partition.typeId),
    startingLba,
    sectorCount,
    startingChs: encodeChs(startingLba),
    endingChs: encodeChs(startingLba + sectorCount - 1),
  };
}

function checkMbr(
  description: MbrDescription,
  primaries: readonly MbrPartitionDescription[],
  logicals: readonly MbrPartitionDescription[],
): void {
  parseSignature(description.diskId);
  checkNumbers(primaries, 1, entryCount);
  checkNumbers(logicals, firstLogicalNumber, firstLogicalNumber + maximumLogicals - 1);
  for (const partition of description.partitions) {
    checkPlace(partition, description);
    checkSectors(partition, description.sectorLength);
    checkType(partition);
  }
  const record = { what: "the MBR", offset: 0, length: description.sectorLength };
  checkDisjoint([record, ...primaries.map(spanOf)]);
  checkContainer(primaries, logicals);
}

function checkContainer(
  primaries: readonly MbrPartitionDescription[],
  logicals: readonly MbrPartitionDescription[],
): void {
  const containers = primaries.filter(({ placement }) => placement === "extended");
  const numbers = containers.map(({ number }) => number);
  const [last] = logicals.slice(-1);
  if (containers.length > 1) {
    const list = numbers.join(" and ");
    throw extendedError(`partitions ${list} are extended, expected one at most`);
  }
  if (last === undefined) return;
  if (containers.length === 0) {
    throw extendedError(`partition ${last.number} is logical, but no partition is extended`);
  }
  const expected = firstLogicalNumber + logicals.length - 1;
  if (last.number !== expected) {
    const list = logicals.map(({ number }) => number).join(", ");
    throw extendedError(
      `the logical partitions have the numbers ${list}, expected ${firstLogicalNumber} to ${expected} without gaps`,
    );
  }
}

function checkSectors(partition: MbrPartitionDescription, sectorLength: number): void {
  const startingLba = partition.offset / sectorLength;
  const sectorCount = partition.length / sectorLength;
  if (startingLba < sectorLimit && sectorCount < sectorLimit) return;
  throw new LayoutError(
    "LAYOUT_OUT_OF_RANGE",
    `${nameOf(partition)} starts at LBA ${startingLba} with ${sectorCount} sectors: an MBR counts to 2^32 - 1 only; use a GPT`,
    { number: partition.number, startingLba, sectorCount },
  );
}

function checkType(partition: MbrPartitionDescription): void {
  const { typeId, placement } = partition;
  const what = nameOf(partition);
  const systemId = /^0x[0-9a-f]{2}$/i.test(typeId) ? Number(typeId) : 0;
  if (systemId === 0) {
    throw typeError(partition, `${what} has type ${JSON.stringify(typeId)}, expected 0x01 to 0xff`);
  }
  if (systemId === protectiveSystemId) {
    throw typeError(partition, `${what} has type ${typeId}, which says that the disk has a GPT`);
  }
  if (isExtended({ systemId }) === (placement === "extended")) return;
  const meaning = placement === "extended" ? "which is not that of an extended one" : "which is extended";
  throw typeError(partition, `the ${placement} ${what} has type ${typeId}, ${meaning}`);
}

function typeError(partition: MbrPartitionDescription, message: string): LayoutError {
  return new LayoutError("LAYOUT_TYPE_INVALID", message, { number: partition.number });
}

function extendedError(message: string): LayoutError {
  return new LayoutError("LAYOUT_EXTENDED_INVALID", message);
}

function parseSignature(diskId: string): number {
  if (/^0x[0-9a-f]{8}$/i.test(diskId)) return Number(diskId);
  throw new LayoutError(
    "LAYOUT_ID_INVALID",
    `the disk has disk id ${JSON.stringify(diskId)}, expected 0x and eight hexadecimal digits`,
    { id: diskId },
  );
}
