import { protectiveSystemId, type MbrSector } from "./mbr-sector.ts";
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
