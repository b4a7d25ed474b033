import { LayoutError } from "./layout-error.ts";
import type { ByteSource } from "@bootstamp/byte-source";
import type { Partition, SectorLength } from "./partition-table.ts";

/** A named run of bytes of the image: a partition, or a part of the table itself. */
export interface Span {
  /** As a message calls it: "partition 2". */
  readonly what: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * The bytes that `count` sectors from `lba` are: the one place where 64-bit LBAs become numbers.
 * @throws LayoutError `LAYOUT_OUT_OF_RANGE` if they end at 2^53 or above.
 */
export function sectorSpan(what: string, lba: bigint, count: bigint, sectorLength: SectorLength): Span {
  const offset = lba * BigInt(sectorLength);
  const length = count * BigInt(sectorLength);
  if (offset + length > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new LayoutError(
      "LAYOUT_OUT_OF_RANGE",
      `${what} is at LBA ${lba} with ${count} sectors of ${sectorLength} bytes: more than 2^53 bytes`,
      { lba: String(lba), sectorCount: String(count), sectorLength },
    );
  }
  return { what, offset: Number(offset), length: Number(length) };
}

export function partitionSpan(partition: Partition): Span {
  return { what: `partition ${partition.number}`, offset: partition.offset, length: partition.length };
}

export function imageSpan(source: ByteSource): Span {
  return { what: "the image", offset: 0, length: source.length };
}

/** Throws `LAYOUT_OUT_OF_RANGE` unless `span` lies inside `container`. */
export function checkInside(span: Span, container: Span): void {
  const end = span.offset + span.length;
  const containerEnd = container.offset + container.length;
  if (span.offset >= container.offset && end <= containerEnd) return;
  throw new LayoutError(
    "LAYOUT_OUT_OF_RANGE",
    `${span.what} is at offset ${span.offset} with ${span.length} bytes, to ${end}: outside ${container.what}, ${container.offset} to ${containerEnd}`,
    { offset: span.offset, length: span.length, from: container.offset, to: containerEnd },
  );
}

/** Throws `LAYOUT_OVERLAP` if two of `spans` share a byte. Costs a sort. */
export function checkDisjoint(spans: readonly Span[]): void {
  const ordered = spans.toSorted((a, b) => a.offset - b.offset);
  for (const [index, span] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before === undefined || before.offset + before.length <= span.offset) continue;
    throw new LayoutError(
      "LAYOUT_OVERLAP",
      `${before.what}, at offset ${before.offset} with ${before.length} bytes, overlaps ${span.what}, at offset ${span.offset} with ${span.length} bytes`,
      { offset: span.offset, length: span.length, otherOffset: before.offset, otherLength: before.length },
    );
  }
}
