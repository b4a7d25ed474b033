import { crc32 } from "@bootstamp/crc";
import { checkNumbers, checkPlace, checkRange, nameOf, spanOf } from "./check-description.ts";
import { encodeGptEntries, gptNameUnits, type GptEntry } from "./gpt-entry.ts";
import { encodeGptHeader, primaryLba, type GptHeader } from "./gpt-header.ts";
import { describedUsable, planGpt, type GptPlan } from "./gpt-plan.ts";
import { isGuid, zeroGuid } from "./guid.ts";
import { LayoutError, type LayoutErrorCode } from "./layout-error.ts";
import { mbrTableOffset } from "./mbr-sector.ts";
import { encodeProtectiveMbr } from "./protective-mbr.ts";
import { checkDisjoint, checkInside, type Span } from "./span.ts";
import type { ByteRange, GptDescription, GptPartitionDescription } from "./table-description.ts";
import type { TablePiece } from "./compose-table.ts";

/** The bytes of a GPT. Throws as `composeTable` says. */
export function composeGpt(description: GptDescription): TablePiece[] {
  const plan = planGpt(description);
  const usable = describedUsable(description);
  checkGpt(description, plan, usable);
  const { sectorLength } = description;
  const entries = encodeGptEntries(
    description.partitions.map((partition) => entryOf(partition, sectorLength)),
    plan.entryCount,
    plan.entryLength,
  );
  const { primary, backup } = headersOf(description, plan, usable, crc32.of(entries));
  return [
    { offset: mbrTableOffset, bytes: encodeProtectiveMbr(plan.sectorCount) },
    { offset: primaryLba * sectorLength, bytes: encodeGptHeader(primary, sectorLength) },
    { offset: plan.entriesLba * sectorLength, bytes: entries },
    { offset: plan.backupEntriesLba * sectorLength, bytes: entries },
    { offset: plan.backupLba * sectorLength, bytes: encodeGptHeader(backup, sectorLength) },
  ];
}

function headersOf(
  { diskId, sectorLength }: GptDescription,
  plan: GptPlan,
  usable: ByteRange,
  entriesCrc32: number,
): { readonly primary: GptHeader; readonly backup: GptHeader } {
  const common = {
    firstUsableLba: BigInt(usable.offset / sectorLength),
    lastUsableLba: BigInt((usable.offset + usable.length) / sectorLength - 1),
    diskGuid: diskId,
    entryCount: plan.entryCount,
    entryLength: plan.entryLength,
    entriesCrc32,
  };
  const first = BigInt(primaryLba);
  const last = BigInt(plan.backupLba);
  return {
    primary: { ...common, myLba: first, alternateLba: last, entriesLba: BigInt(plan.entriesLba) },
    backup: { ...common, myLba: last, alternateLba: first, entriesLba: BigInt(plan.backupEntriesLba) },
  };
}

function entryOf(partition: GptPartitionDescription, sectorLength: number): GptEntry {
  const { number, offset, length, typeId, uniqueId, name, attributes } = partition;
  return {
    number,
    typeGuid: typeId,
    uniqueGuid: uniqueId,
    startingLba: BigInt(offset / sectorLength),
    endingLba: BigInt((offset + length) / sectorLength - 1),
    attributes,
    name,
  };
}

function checkGpt(description: GptDescription, plan: GptPlan, usable: ByteRange): void {
  const { partitions, diskId } = description;
  checkRange("the usable part of the disk", usable, description);
  checkGuid("the disk", "disk id", diskId, "LAYOUT_ID_INVALID");
  checkNumbers(partitions, 1, plan.entryCount);
  const usableSpan: Span = { what: "the usable part of the disk", ...usable };
  for (const partition of partitions) {
    checkPlace(partition, description);
    checkInside(spanOf(partition), usableSpan);
    checkIdentity(partition);
  }
  checkDisjoint(partitions.map(spanOf));
  checkUnique(partitions);
}

function checkIdentity(partition: GptPartitionDescription): void {
  const what = nameOf(partition);
  checkGuid(what, "type", partition.typeId, "LAYOUT_TYPE_INVALID");
  checkGuid(what, "unique id", partition.uniqueId, "LAYOUT_ID_INVALID");
  checkName(what, partition.name);
  for (const bit of partition.attributes) {
    if (Number.isSafeInteger(bit) && bit >= 0 && bit <= 63) continue;
    throw new LayoutError("LAYOUT_ATTRIBUTE_INVALID", `${what} has attribute bit ${bit}, expected 0 to 63`, {
      number: partition.number,
      bit,
    });
  }
}

function checkGuid(what: string, field: string, guid: string, code: LayoutErrorCode): void {
  const reason = guid === zeroGuid ? "which means none" : isGuid(guid) ? undefined : "expected a GUID";
  if (reason === undefined) return;
  throw new LayoutError(code, `${what} has ${field} ${JSON.stringify(guid)}, ${reason}`, { id: guid });
}

function checkName(what: string, name: string): void {
  const nullAt = name.indexOf("\0");
  const fault =
    nullAt === -1
      ? `${name.length} UTF-16 units, expected ${gptNameUnits} at most`
      : `a null at unit ${nullAt}, expected none`;
  if (nullAt === -1 && name.length <= gptNameUnits) return;
  throw new LayoutError("LAYOUT_NAME_INVALID", `the name of ${what}, ${JSON.stringify(name)}, has ${fault}`, {
    name,
    length: name.length,
  });
}

/** Linux finds partitions by these ids: two of the same would leave it to chance which one is mounted. */
function checkUnique(partitions: readonly GptPartitionDescription[]): void {
  const owners = new Map<string, number>();
  for (const { number, uniqueId } of partitions) {
    const id = uniqueId.toLowerCase();
    const other = owners.get(id);
    if (other !== undefined) {
      throw new LayoutError(
        "LAYOUT_ID_REPEATED",
        `partitions ${other} and ${number} both have the id ${id}`,
        {
          id,
          number,
          other,
        },
      );
    }
    owners.set(id, number);
  }
}
