/**
 * Logical partitions: a chain of extended boot records inside an extended partition.
 *
 *     extended partition
 *     +-----+-----------+-----+-----------+--
 *     | EBR | logical 5 | EBR | logical 6 |      each EBR: one entry for its logical partition, counted from the EBR;
 *     +-----+-----------+-----+-----------+--    one for the next EBR, counted from the extended partition
 *        |__________________^
 */
import type { ByteSource } from "@bootstamp/byte-source";
import { LayoutError } from "./layout-error.ts";
import { isExtended, mbrLength, parseMbrSector, type MbrEntry, type MbrSector } from "./mbr-sector.ts";
import type { SectorLength } from "./partition-table.ts";
import { checkDisjoint, checkInside, sectorSpan, type Span } from "./span.ts";

/** Our bound, against chains made to take for ever: Linux reads 100 records, sfdisk writes 60 partitions. */
const maximumChainLength = 256;

/**
 * Reads the chain in `container`, whose own numbers were checked. The entries returned count from the disk's start.
 * Entries of size zero count for nothing.
 * @throws LayoutError `LAYOUT_EXTENDED_LOOP`, `LAYOUT_EXTENDED_DAMAGED`, `LAYOUT_OUT_OF_RANGE`, `LAYOUT_OVERLAP`.
 */
export async function readExtendedChain(
  source: ByteSource,
  container: Span,
  sectorLength: SectorLength,
): Promise<MbrEntry[]> {
  const containerLba = BigInt(container.offset / sectorLength);
  const logicals: MbrEntry[] = [];
  const spans: Span[] = [];
  const records = new Map<bigint, Span>();
  for (let lba: bigint | undefined = containerLba; lba !== undefined;) {
    checkUnvisited(lba, records);
    const span = sectorSpan(`the extended boot record at LBA ${lba}`, lba, 1n, sectorLength);
    checkInside(span, container);
    records.set(lba, span);
    const { logical, link } = splitRecord(await readRecord(source, span, records.size), span);
    if (logical !== undefined) {
      const entry = { ...logical, startingLba: Number(lba) + logical.startingLba };
      spans.push(logicalSpan(entry, logicals.length, sectorLength));
      logicals.push(entry);
    }
    lba = link === undefined ? undefined : containerLba + BigInt(link.startingLba);
  }
  for (const span of spans) checkInside(span, container);
  checkDisjoint([...records.values(), ...spans]);
  return logicals;
}

/** The number of the first logical partition: 1 to 4 are the entries of the MBR. */
export const firstLogicalNumber = 5;

function logicalSpan(entry: MbrEntry, index: number, sectorLength: SectorLength): Span {
  const what = `partition ${firstLogicalNumber + index}`;
  return sectorSpan(what, BigInt(entry.startingLba), BigInt(entry.sectorCount), sectorLength);
}

function checkUnvisited(lba: bigint, records: ReadonlyMap<bigint, Span>): void {
  if (records.has(lba)) {
    throw new LayoutError(
      "LAYOUT_EXTENDED_LOOP",
      `the chain of extended boot records comes back to LBA ${lba} after ${records.size} records`,
      { lba: String(lba), recordCount: records.size },
    );
  }
  if (records.size >= maximumChainLength) {
    throw new LayoutError(
      "LAYOUT_EXTENDED_LOOP",
      `the chain of extended boot records has more than ${maximumChainLength} records`,
      { recordCount: records.size },
    );
  }
}

async function readRecord(source: ByteSource, span: Span, recordNumber: number): Promise<MbrSector> {
  const bytes = await source.read(span.offset, mbrLength);
  const record = parseMbrSector(bytes);
  if (record !== undefined) return record;
  // An extended partition that nobody ever put anything in.
  if (recordNumber === 1 && bytes.every((byte) => byte === 0)) return { diskSignature: 0, entries: [] };
  throw new LayoutError(
    "LAYOUT_EXTENDED_DAMAGED",
    `${span.what} has ${bytes[510]?.toString(16)} ${bytes[511]?.toString(16)} at its end, expected 55 aa`,
    { offset: span.offset },
  );
}

function splitRecord(
  record: MbrSector,
  span: Span,
): { logical: MbrEntry | undefined; link: MbrEntry | undefined } {
  const links = record.entries.filter(isExtended);
  const logicals = record.entries.filter((entry) => !isExtended(entry));
  // Linux and sfdisk differ in what they make of such a record.
  if (links.length > 1 || logicals.length > 1) {
    throw new LayoutError(
      "LAYOUT_EXTENDED_DAMAGED",
      `${span.what} has ${logicals.length} partitions and ${links.length} links, expected one of each at most`,
      { offset: span.offset },
    );
  }
  return { logical: logicals[0], link: links[0] };
}
