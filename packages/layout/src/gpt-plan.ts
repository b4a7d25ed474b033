/**
 * Where the parts of a GPT go on a disk of `sectorCount` sectors. UEFI 2.10 §5.3.1, figure 5-4.
 *
 *     LBA 0    1       2                                                                 sectorCount - 1
 *     +--------+-------+----------+------------------------------------------+----------+-------+
 *     | MBR    | header| entries  | partitions, in the usable part           | entries  | header|
 *     +--------+-------+----------+------------------------------------------+----------+-------+
 */
import { checkEntryArray, primaryLba } from "./gpt-header.ts";
import { LayoutError } from "./layout-error.ts";
import type { SectorLength } from "./partition-table.ts";
import { checkInside, type Span } from "./span.ts";
import type { ByteRange, GptDescription } from "./table-description.ts";

const defaultEntryCount = 128;
const defaultEntryLength = 128;

/** What `gptUsable` needs to know of a table. */
export interface GptShape {
  readonly sectorLength: SectorLength;
  /** Bytes of the whole image, whole sectors. */
  readonly diskLength: number;
  readonly entryCount?: number;
  readonly entryLength?: number;
}

/** Places in sectors. */
export interface GptPlan {
  readonly sectorCount: number;
  readonly entryCount: number;
  readonly entryLength: number;
  readonly arraySectors: number;
  /** The first sector of the primary entries and of the backup ones. */
  readonly entriesLba: number;
  readonly backupEntriesLba: number;
  /** The last sector, of the backup header. */
  readonly backupLba: number;
}

/** Grain of today's tools, which leave it free before the first partition; older boot loaders live there. */
const mebibyte = 1 << 20;
/** A disk of this many bytes or less is too small to give a MiB away. */
const smallDisk = 4 * mebibyte;

/**
 * The bytes in which partitions of a GPT may lie if nothing else is asked for: as sfdisk has it, from 1 MiB on, or,
 * on disks of 4 MiB and less, right behind the entries; to the backup's entries.
 * @throws LayoutError `LAYOUT_OUT_OF_RANGE` if the disk is too short for the table, `LAYOUT_GPT_UNSUPPORTED` for a
 * number or length of entries that cannot be, `LAYOUT_UNALIGNED` if the disk is not whole sectors.
 */
export function gptUsable(shape: GptShape): ByteRange {
  const plan = planGpt(shape);
  const widest = widestUsable(plan, shape.sectorLength);
  if (shape.diskLength <= smallDisk) return widest;
  const offset = Math.max(widest.offset, mebibyte);
  return { offset, length: widest.offset + widest.length - offset };
}

/**
 * The usable part of a table as described. Throws as {@link gptUsable}, and `LAYOUT_OUT_OF_RANGE` if it has the table
 * in it.
 */
export function describedUsable(description: GptDescription): ByteRange {
  if (description.usable === undefined) return gptUsable(description);
  const usable: Span = { what: "the usable part of the disk", ...description.usable };
  const widest = widestUsable(planGpt(description), description.sectorLength);
  checkInside(usable, { what: "what the table leaves of the disk", ...widest });
  return description.usable;
}

/** Throws as {@link gptUsable}. */
export function planGpt(shape: GptShape): GptPlan {
  const { sectorLength, diskLength } = shape;
  const entryCount = shape.entryCount ?? defaultEntryCount;
  const entryLength = shape.entryLength ?? defaultEntryLength;
  checkEntryArray({ entryCount, entryLength }, "the GPT to be written");
  const arraySectors = Math.ceil((entryCount * entryLength) / sectorLength);
  const sectorCount = diskLength / sectorLength;
  const needed = (primaryLba + 1 + arraySectors + arraySectors + 1) * sectorLength;
  if (diskLength < needed) {
    throw new LayoutError(
      "LAYOUT_OUT_OF_RANGE",
      `a disk of ${diskLength} bytes has no room for a GPT of ${entryCount} entries, which needs ${needed}: ${needed - diskLength} bytes are missing`,
      { diskLength, needed, missing: needed - diskLength },
    );
  }
  return {
    sectorCount,
    entryCount,
    entryLength,
    arraySectors,
    entriesLba: primaryLba + 1,
    backupEntriesLba: sectorCount - 1 - arraySectors,
    backupLba: sectorCount - 1,
  };
}

function widestUsable(plan: GptPlan, sectorLength: SectorLength): ByteRange {
  const first = plan.entriesLba + plan.arraySectors;
  return { offset: first * sectorLength, length: (plan.backupEntriesLba - first) * sectorLength };
}
