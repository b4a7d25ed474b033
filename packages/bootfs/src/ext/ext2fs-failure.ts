// What libext2fs answers when something fails: numbers of its own (lib/ext2fs/ext2_err.et, from 2133571328 on), or of
// the WASI C library below 100.
import { BootfsError } from "../bootfs-error.ts";

const base = 2_133_571_328;

const names: ReadonlyMap<number, string> = new Map([
  [20, "EEXIST"],
  [29, "EIO"],
  [44, "ENOENT"],
  [48, "ENOMEM"],
  [51, "ENOSPC"],
  [54, "ENOTDIR"],
  [55, "ENOTEMPTY"],
  [base + 35, "a directory is corrupt"],
  [base + 38, "no room in a directory"],
  [base + 67, "an unsupported incompat feature"],
  [base + 68, "an unsupported ro_compat feature"],
  [base + 70, "out of memory"],
  [base + 72, "no free block"],
  [base + 73, "no free inode"],
  [base + 82, "a file is too big"],
  [base + 122, "no room in an extent tree"],
  [base + 137, "too many blocks"],
  [base + 146, "wrong checksum of an inode"],
  [base + 147, "wrong checksum of an inode bitmap"],
  [base + 148, "wrong checksum of an extent tree"],
  [base + 150, "wrong checksum of a directory"],
  [base + 152, "wrong checksum of the superblock"],
  [base + 156, "wrong checksum of a block bitmap"],
  [base + 174, "the file system is corrupt"],
]);

const noSpace: ReadonlySet<number> = new Set([51, base + 72, base + 122]);
const noInode = base + 73;
const noRoomInDirectory = base + 38;

/** A call into libext2fs that did not answer success. */
export class Ext2fsFailure extends Error {
  readonly number: number;

  constructor(what: string, result: number) {
    const number = Math.abs(result);
    super(`${what}: ${names.get(number) ?? `error ${number}`}`);
    this.number = number;
  }

  get isNoSpace(): boolean {
    return noSpace.has(this.number);
  }

  get isNoInode(): boolean {
    return this.number === noInode;
  }

  get isNoRoomInDirectory(): boolean {
    return this.number === noRoomInDirectory;
  }
}

/** For a failure that no check foresaw. */
export function writerFailed(error: unknown, path: string): BootfsError {
  const reason = error instanceof Error ? error.message : String(error);
  return new BootfsError(
    "BOOTFS_WRITER_FAILED",
    `the ext writer failed at ${path}: ${reason}; nothing was changed`,
    { path },
    { cause: error },
  );
}
