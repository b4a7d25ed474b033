import { crc32 } from "@bootstamp/crc";
import type { ByteSource } from "@bootstamp/byte-source";
import { legacyBootableBit, parseGptEntries, type GptEntry } from "./gpt-entry.ts";
import { describeSameDisk, parseGptHeader, type GptHeader } from "./gpt-header.ts";
import { LayoutError } from "./layout-error.ts";
import type { Partition, PartitionTable, Protection, SectorLength, TableWarning } from "./partition-table.ts";
import { gptTypeName } from "./partition-type.ts";
import { checkDisjoint, checkInside, imageSpan, partitionSpan, sectorSpan, type Span } from "./span.ts";

/** One of the two copies of a table, its CRCs checked. */
interface GptCopy {
  readonly header: GptHeader;
  readonly entries: Uint8Array;
  /** What header and entries occupy. */
  readonly spans: readonly Span[];
}

/**
 * Reads and checks the GPT whose primary header is at LBA 1.
 * @throws LayoutError as `readPartitionTable` says.
 */
export async function readGpt(
  source: ByteSource,
  sectorLength: SectorLength,
  protection: Protection,
): Promise<PartitionTable> {
  const primary = await readPrimary(source, sectorLength);
  const partitions = parseGptEntries(primary.entries, primary.header.entryLength).map((entry) =>
    partitionOf(entry, sectorLength),
  );
  const partitionSpans = partitions.map(partitionSpan);
  const usable = usableSpan(primary.header, sectorLength);
  for (const span of partitionSpans) {
    checkInside(span, imageSpan(source));
    checkInside(span, usable);
  }
  const { backup, warning } = await readBackup(source, sectorLength, primary.header);
  const bootRecord: Span = { what: "the protective MBR", offset: 0, length: sectorLength };
  checkDisjoint([bootRecord, ...primary.spans, ...(backup?.spans ?? []), ...partitionSpans]);
  const warnings = [protection === "hybrid" ? hybridWarning : undefined, warning];
  return {
    kind: "gpt",
    sectorLength,
    diskId: primary.header.diskGuid,
    protection,
    gpt: {
      entryCount: primary.header.entryCount,
      entryLength: primary.header.entryLength,
      usable: { offset: usable.offset, length: usable.length },
    },
    warnings: warnings.filter((each) => each !== undefined),
    partitions,
  };
}

const hybridWarning: TableWarning = {
  code: "HYBRID_MBR",
  message: "the MBR is hybrid: it has partitions of its own beside the GPT; only the GPT is used",
};

async function readPrimary(source: ByteSource, sectorLength: SectorLength): Promise<GptCopy> {
  try {
    return await readCopy(source, sectorLength, 1n);
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    const lastLba = lastLbaOf(source, sectorLength);
    try {
      await readCopy(source, sectorLength, lastLba);
    } catch {
      throw error;
    }
    throw new LayoutError(
      error.code,
      `${error.message}; the backup at LBA ${lastLba} is whole: repair the table from it first`,
      { ...error.fields, backupLba: String(lastLba) },
      { cause: error },
    );
  }
}

async function readCopy(source: ByteSource, sectorLength: SectorLength, lba: bigint): Promise<GptCopy> {
  const header = await readGptHeader(source, sectorLength, lba);
  const { entryCount, entryLength, entriesLba } = header;
  const arraySectors = BigInt(Math.ceil((entryCount * entryLength) / sectorLength));
  const span = sectorSpan(
    `the partition entries of the GPT at LBA ${lba}`,
    entriesLba,
    arraySectors,
    sectorLength,
  );
  checkInside(span, imageSpan(source));
  const entries = await source.read(span.offset, entryCount * entryLength);
  const computed = crc32.of(entries);
  if (computed !== header.entriesCrc32) {
    throw new LayoutError(
      "LAYOUT_GPT_ENTRIES_DAMAGED",
      `${span.what} have CRC-32 0x${computed.toString(16)}, expected 0x${header.entriesCrc32.toString(16)}`,
      { offset: span.offset, length: entries.length },
    );
  }
  const headerSpan = sectorSpan(`the GPT header at LBA ${lba}`, lba, 1n, sectorLength);
  return { header, entries, spans: [headerSpan, span] };
}

/**
 * Reads the header at `lba`, which need not be in the image.
 * @throws LayoutError `LAYOUT_OUT_OF_RANGE` if it is not, and as {@link parseGptHeader} says.
 */
export async function readGptHeader(
  source: ByteSource,
  sectorLength: SectorLength,
  lba: bigint,
): Promise<GptHeader> {
  const span = sectorSpan(`the GPT header at LBA ${lba}`, lba, 1n, sectorLength);
  checkInside(span, imageSpan(source));
  return parseGptHeader(await source.read(span.offset, sectorLength), lba);
}

/** Reads the backup where the primary says that it is. An image that was enlarged has it before its end. */
async function readBackup(
  source: ByteSource,
  sectorLength: SectorLength,
  primary: GptHeader,
): Promise<{ backup?: GptCopy; warning?: TableWarning }> {
  const lba = primary.alternateLba;
  // genimage writes this where it was told to make no backup.
  if (lba === primary.myLba) {
    return { warning: { code: "BACKUP_ABSENT", message: "the GPT says that it has no backup" } };
  }
  const backup = await readBackupCopy(source, sectorLength, lba);
  if (!describeSameDisk(primary, backup.header) || backup.header.alternateLba !== primary.myLba) {
    throw new LayoutError(
      "LAYOUT_BACKUP_DIFFERS",
      `the backup GPT at LBA ${lba} is whole but describes another layout than the primary at LBA ${primary.myLba}`,
      { backupLba: String(lba) },
    );
  }
  const lastLba = lastLbaOf(source, sectorLength);
  if (lba === lastLba) return { backup };
  const message = `the backup GPT is at LBA ${lba}, the image's last is ${lastLba}: the image was enlarged`;
  return { backup, warning: { code: "BACKUP_NOT_AT_END", message } };
}

async function readBackupCopy(source: ByteSource, sectorLength: SectorLength, lba: bigint): Promise<GptCopy> {
  try {
    return await readCopy(source, sectorLength, lba);
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    const reason =
      error.code === "LAYOUT_OUT_OF_RANGE" ? `${error.message}: is the image cut short?` : error.message;
    throw new LayoutError("LAYOUT_BACKUP_DAMAGED", `the backup GPT cannot be used: ${reason}`, error.fields, {
      cause: error,
    });
  }
}

function usableSpan(header: GptHeader, sectorLength: SectorLength): Span {
  const { firstUsableLba, lastUsableLba } = header;
  const count = lastUsableLba < firstUsableLba ? 0n : lastUsableLba - firstUsableLba + 1n;
  return sectorSpan("the usable part of the disk", firstUsableLba, count, sectorLength);
}

/** -1 if the image has not one whole sector. */
export function lastLbaOf(source: ByteSource, sectorLength: SectorLength): bigint {
  return BigInt(Math.floor(source.length / sectorLength)) - 1n;
}

function partitionOf(entry: GptEntry, sectorLength: SectorLength): Partition {
  const { number, startingLba, endingLba } = entry;
  if (endingLba < startingLba) {
    throw new LayoutError(
      "LAYOUT_OUT_OF_RANGE",
      `partition ${number} ends at LBA ${endingLba}, before its start at LBA ${startingLba}`,
      { number, startingLba: String(startingLba), endingLba: String(endingLba) },
    );
  }
  const span = sectorSpan(`partition ${number}`, startingLba, endingLba - startingLba + 1n, sectorLength);
  return {
    number,
    offset: span.offset,
    length: span.length,
    placement: "primary",
    typeId: entry.typeGuid,
    typeName: gptTypeName(entry.typeGuid),
    uniqueId: entry.uniqueGuid,
    name: entry.name,
    attributes: entry.attributes,
    bootable: entry.attributes.includes(legacyBootableBit),
  };
}
