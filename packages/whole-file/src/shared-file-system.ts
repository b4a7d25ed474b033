import { statfsSync } from "node:fs";

/** File systems that one system alone can have mounted, by the numbers of Linux's magic.h and of their own sources. */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xca451a4e, // bcachefs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs, whose upper directory is on one of these
  0x4d44, // FAT
  0x2011bab0, // exFAT
]);

/** Whether other systems may see the file system of `directory` too, as on a network; also where that is not known. */
export function mayBeShared(directory: string): boolean {
  try {
    return !localTypes.has(statfsSync(directory).type);
  } catch {
    return true;
  }
}
