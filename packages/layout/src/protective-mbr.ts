import { encodeMbrTable, protectiveSystemId, type MbrSector } from "./mbr-sector.ts";
import type { Protection } from "./partition-table.ts";

/** UEFI 2.10 §5.2.3: a protective entry starts right after the boot record. */
const protectiveStart = 1;

/**
 * Tells a GPT's boot record from an ordinary one: undefined if no entry of type 0xEE starts at LBA 1, which is what
 * Linux demands before it looks for a GPT at all.
 */
export function protectionOf(record: MbrSector): Protection | undefined {
  const isProtective = record.entries.some(
    (entry) => entry.systemId === protectiveSystemId && entry.startingLba === protectiveStart,
  );
  if (!isProtective) return undefined;
  return record.entries.every((entry) => entry.systemId === protectiveSystemId) ? "protective" : "hybrid";
}

/** SizeInLBA of a disk too large for it. */
const largestCount = 0xffff_ffff;

/**
 * The table of the boot record that guards a GPT (UEFI 2.10 §5.2.3, table 5-4): one entry over all of the disk.
 * Its ending CHS is always that of a disk too large for CHS, as all of Linux's tools write it.
 */
export function encodeProtectiveMbr(sectorCount: number): Uint8Array {
  const entry = {
    slot: 0,
    bootIndicator: 0,
    startingChs: [0, 2, 0],
    systemId: protectiveSystemId,
    endingChs: [0xff, 0xff, 0xff],
    startingLba: protectiveStart,
    sectorCount: Math.min(sectorCount - protectiveStart, largestCount),
  };
  return encodeMbrTable(0, [entry]);
}
