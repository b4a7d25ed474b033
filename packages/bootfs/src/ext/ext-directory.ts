/*
 * A directory of ext2, ext3 and ext4: entries one after the other in each block (Linux, Documentation/filesystems/ext4/
 * directory.rst).
 *
 *   inode(4), 0: unused | entry length(2) | name length(1) | file type(1) | name
 *
 * The nodes of a hash tree (dir_index) and the checksum at the end of a block pose as unused entries, so that reading
 * them all in a row finds every name. Without the feature `filetype` the name length has 16 bits.
 */
import type { SyncByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "../bootfs-error.ts";
import { readBytes, viewOf } from "../disk.ts";
import { decodeName } from "../file-name.ts";
import { blockRuns } from "./block-map.ts";
import { inodeLength, type Inode } from "./inode.ts";
import type { Superblock } from "./superblock.ts";

export interface ExtEntry {
  readonly inode: number;
  readonly name: string;
}

/** Room for hundreds of thousands of names; a hostile length must not fill our memory. */
const directoryLimit = 16 << 20;

/** All entries with `.` and `..`, in the order on the disk. @throws BootfsError `BOOTFS_CORRUPT`, `BOOTFS_FEATURE`. */
export function* directoryEntries(
  source: SyncByteSource,
  superblock: Superblock,
  directory: Inode,
): Generator<ExtEntry> {
  if (inodeLength(directory) > directoryLimit)
    throw corrupt(directory, `is ${inodeLength(directory)} bytes long`);
  const { blockLength } = superblock;
  for (const run of blockRuns(source, superblock, directory)) {
    for (let index = 0; index < run.count && run.written; index++) {
      yield* blockEntries(readBytes(source, (run.block + index) * blockLength, blockLength), directory);
    }
  }
}

function* blockEntries(block: Uint8Array, directory: Inode): Generator<ExtEntry> {
  const view = viewOf(block);
  for (let at = 0; at < block.length;) {
    if (at + 8 > block.length) throw corrupt(directory, "has an entry that is cut off");
    const inode = view.getUint32(at, true);
    // 65,536 does not fit in 16 bits: 0 and 65,535 stand for it.
    const stated = view.getUint16(at + 4, true);
    const length = block.length === 65_536 && (stated === 0 || stated === 65_535) ? 65_536 : stated;
    const nameLength = view.getUint8(at + 6);
    if (
      length < 8 ||
      length % 4 !== 0 ||
      at + length > block.length ||
      (inode !== 0 && nameLength > length - 8)
    ) {
      throw corrupt(directory, `has an entry of ${length} bytes with a name of ${nameLength}`);
    }
    if (inode !== 0) yield { inode, name: decodeName(block.subarray(at + 8, at + 8 + nameLength)) };
    at += length;
  }
}

function corrupt(directory: Inode, complaint: string): BootfsError {
  return new BootfsError(
    "BOOTFS_CORRUPT",
    `a directory of the ext file system ${complaint} (inode ${directory.number})`,
    {
      inode: directory.number,
    },
  );
}
