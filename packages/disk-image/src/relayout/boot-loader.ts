import type { ByteRange } from "@bootstamp/layout";

export type BootLoaderName = "GRUB 2" | "GRUB Legacy" | "LILO" | "zipl" | "SYSLINUX" | "EXTLINUX";

/** A boot loader that reads sectors by their numbers, so that it matters where they lie. */
export interface BootLoader {
  readonly name: BootLoaderName;
  /** The partition whose first sector it starts in; undefined: the MBR. */
  readonly partition: number | undefined;
  /**
   * What it reads by sectors. `disk`: runs that are counted from the disk's start; "unknown" where they cannot all be
   * told, as with lists in a file. `partition`: sectors of its own partition, counted from that one's start.
   */
  readonly reads:
    | { readonly from: "disk"; readonly runs: readonly ByteRange[] | "unknown" }
    | { readonly from: "partition" };
}

/** "GRUB 2 in the MBR". */
export function describeBootLoader({ name, partition }: BootLoader): string {
  return `${name} in ${partition === undefined ? "the MBR" : `the first sector of partition ${partition}`}`;
}
