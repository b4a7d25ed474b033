import type { SectorLength } from "@bootstamp/layout";
import { roundUp } from "./multiple.ts";
import type { Layout } from "./layout.ts";

/** Bytes that a table itself takes, and where partitions start beside it. */
export interface TableFrame {
  /** From the image's start: MBR, and header and entries of a GPT. */
  readonly front: number;
  /** At the image's end: backup entries and header of a GPT. */
  readonly back: number;
  /** The first byte that partitions may use, if nothing else is said. */
  readonly first: number;
}

/** UEFI 2.10 table 5-6. */
const gptEntryLength = 128;
/** Room for boot loaders, and the grain of today's tools: sfdisk, parted and systemd-repart start there. */
const mebibyte = 1 << 20;
/** libfdisk gives no MiB away on a disk of this length or less. */
const smallDisk = 4 * mebibyte;

/** The frame of the table of an image of `diskLength` bytes, undefined when that is still to be found. */
export function tableFrame(
  layout: Layout,
  sectorLength: SectorLength,
  diskLength: number | undefined,
): TableFrame {
  const array = roundUp(layout.entries * gptEntryLength, sectorLength);
  const front = layout.table === "gpt" ? 2 * sectorLength + array : sectorLength;
  const back = layout.table === "gpt" ? array + sectorLength : 0;
  const usual = diskLength !== undefined && diskLength <= smallDisk ? front : Math.max(front, mebibyte);
  const lowest = Math.min(usual, ...layout.partitions.map(({ offset }) => offset ?? usual));
  return { front, back, first: layout.first ?? Math.max(front, lowest) };
}
