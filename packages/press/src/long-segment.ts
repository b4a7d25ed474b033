import type { Segment } from "@bootstamp/segment-map";

/** A longer segment is not held whole: its raw bytes are taken as they come. */
export const longestHeld: number = 32 << 20;

export function isLong({ rawLength }: Segment): boolean {
  return rawLength > longestHeld;
}
