// What holds for descriptions of both kinds of table. Numbers are checked here once; the composers rely on it.
import { LayoutError } from "./layout-error.ts";
import { checkInside, type Span } from "./span.ts";
import type { ByteRange, TableDescription } from "./table-description.ts";

/** A partition of either kind, as far as it lies somewhere. */
interface Numbered extends ByteRange {
  readonly number: number;
}

/** Throws `LAYOUT_UNALIGNED` or `LAYOUT_OUT_OF_RANGE` unless the disk is whole sectors. */
export function checkDisk({ diskLength, sectorLength }: TableDescription): void {
  checkWhole("the disk", { length: diskLength }, sectorLength);
}

/** Throws `LAYOUT_UNALIGNED` or `LAYOUT_OUT_OF_RANGE` unless `range` is whole sectors of the disk. */
export function checkRange(what: string, range: ByteRange, description: TableDescription): void {
  const { offset, length } = range;
  checkWhole(what, { offset, length }, description.sectorLength);
  checkInside({ what, offset, length }, diskSpan(description));
}

/** Throws as {@link checkRange}, and `LAYOUT_OUT_OF_RANGE` for a partition without bytes. */
export function checkPlace(partition: Numbered, description: TableDescription): void {
  const what = nameOf(partition);
  checkRange(what, partition, description);
  if (partition.length > 0) return;
  throw new LayoutError("LAYOUT_OUT_OF_RANGE", `${what} has 0 bytes, expected one sector at least`, {
    number: partition.number,
  });
}

/** Throws `LAYOUT_NUMBER_INVALID` if two partitions have one number, or one has none from `first` to `last`. */
export function checkNumbers(partitions: readonly Numbered[], first: number, last: number): void {
  const seen = new Set<number>();
  for (const { number } of partitions) {
    const isInside = Number.isSafeInteger(number) && number >= first && number <= last;
    if (isInside && !seen.has(number)) {
      seen.add(number);
      continue;
    }
    const reason = isInside ? "is there twice" : `is none of ${first} to ${last}`;
    throw new LayoutError("LAYOUT_NUMBER_INVALID", `the partition number ${number} ${reason}`, { number });
  }
}

export function nameOf({ number }: Pick<Numbered, "number">): string {
  return `partition ${number}`;
}

export function spanOf(partition: Numbered): Span {
  return { what: nameOf(partition), offset: partition.offset, length: partition.length };
}

function diskSpan({ diskLength }: TableDescription): Span {
  return { what: "the disk", offset: 0, length: diskLength };
}

function checkWhole(what: string, numbers: Readonly<Record<string, number>>, sectorLength: number): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new LayoutError("LAYOUT_OUT_OF_RANGE", `${what} has ${name} ${value}, expected 0 to 2^53 - 1`, {
        [name]: value,
      });
    }
    if (value % sectorLength === 0) continue;
    throw new LayoutError(
      "LAYOUT_UNALIGNED",
      `${what} has ${name} ${value}, expected a multiple of ${sectorLength}, the length of a sector: ${value % sectorLength} bytes are over`,
      { [name]: value, sectorLength },
    );
  }
}
