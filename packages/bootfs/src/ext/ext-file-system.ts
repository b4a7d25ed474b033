import { Fault } from "@bootstamp/fault";
import { BootfsError } from "../bootfs-error.ts";
import type { Disk } from "../disk.ts";
import { checkNameBytes, encodeName, nameError } from "../file-name.ts";
import type { FileAttributes, FileStat, FileSystem } from "../file-system.ts";
import { overwriteExtents } from "../overwrite-extents.ts";
import { joinPath, parentOf } from "../path.ts";
import { noInode, noSpace, roundUp } from "../space.ts";
import { blockRuns, refuseForeign } from "./block-map.ts";
import { writerFailed, Ext2fsFailure } from "./ext2fs-failure.ts";
import { Ext2fsSession, openFlag, PartlyWritten } from "./ext2fs-session.ts";
import { checkExtWritable } from "./ext-preflight.ts";
import { ExtReader } from "./ext-reader.ts";
import {
  inodeLength,
  inodeStat,
  setInodeMode,
  setInodeOwner,
  setInodeTimes,
  writeInode,
  type Inode,
} from "./inode.ts";
import { rewriteInPlace } from "./rewrite-in-place.ts";

/** Longest path that Linux takes, with its NUL (PATH_MAX). */
const pathLimit = 4095;
/** Blocks that a new name can take at most: one for the directory, with its index blocks, and one for what it names. */
const directoryGrowth = 6;

/**
 * Edits ext2, ext3 and ext4. Reads by itself; makes, moves and removes through libext2fs, which is mounted when first
 * needed; replaces content and attributes by itself where that changes no more than the file's own blocks.
 *
 * libext2fs keeps copies of inodes, so what is written past it is written while it is not mounted.
 */
export class ExtFileSystem extends ExtReader implements FileSystem {
  readonly #disk: Disk;
  readonly #seconds: number;
  #session: Ext2fsSession | undefined;
  /** Free blocks, at least, while libext2fs is mounted. */
  #spareBlocks = 0;

  /** @param seconds the time of every change, 0..2^31-1. @throws BootfsError as {@link checkExtWritable}. */
  constructor(disk: Disk, seconds: number) {
    super(disk);
    checkExtWritable(this.superblock);
    this.#disk = disk;
    this.#seconds = seconds;
  }

  checkName(name: string): void {
    checkNameBytes(name);
  }

  sameName(a: string, b: string): boolean {
    return a === b;
  }

  async writeFile(path: string, content: Uint8Array, mode: number): Promise<void> {
    const inode = this.find(path);
    if (inode !== undefined) {
      refuseForeign(inode);
      await this.#unmount();
      if (rewriteInPlace(this.#disk, this.superblock, inode, content, this.#seconds)) return;
    }
    await this.#checkSpace(path, content, inode);
    await this.#write(path, content, mode, inode);
    this.#checkWritten(path, content);
  }

  async overwrite(path: string, content: Uint8Array): Promise<void> {
    await this.#unmount();
    overwriteExtents(this.#disk, path, this.extents(path), content);
  }

  async makeDirectory(path: string, mode: number): Promise<void> {
    await this.#checkSpace(path, new Uint8Array(), undefined);
    await this.#through(path, async (session) => {
      try {
        await session.makeDirectory(path, mode);
      } catch (error) {
        if (!(error instanceof Ext2fsFailure && error.isNoRoomInDirectory)) throw error;
        await this.#growDirectory(session, path);
        await session.makeDirectory(path, mode);
      }
    });
    this.#checkMade(path, "directory");
  }

  async makeLink(path: string, target: string): Promise<void> {
    const { length } = encodeName(target);
    const limit = this.superblock.blockLength - 1;
    if (length < 1 || length > limit || target.includes("\0")) {
      throw nameError(
        target,
        `cannot be the target of a link: it has ${length} bytes, 1 to ${limit} without NUL are possible`,
      );
    }
    await this.#checkSpace(path, new Uint8Array(), undefined);
    await this.#through(path, (session) => session.makeLink(path, target));
    this.#checkMade(path, "link");
  }

  async remove(path: string): Promise<void> {
    const isDirectory = this.stat(path)?.kind === "directory";
    await this.#through(path, (session) =>
      isDirectory ? session.removeDirectory(path) : session.removeFile(path),
    );
    if (this.find(path) !== undefined) throw writerFailed("it is still there after its removal", path);
  }

  async rename(from: string, to: string): Promise<void> {
    const before = this.find(from)?.number;
    await this.#checkSpace(to, new Uint8Array(), undefined);
    await this.#through(from, (session) => session.rename(from, to));
    if (this.find(from) !== undefined || this.find(to)?.number !== before)
      throw writerFailed("it did not move", from);
  }

  async setAttributes(path: string, { mode, uid, gid }: FileAttributes): Promise<void> {
    await this.#unmount();
    const inode = this.find(path);
    if (inode === undefined) throw new BootfsError("BOOTFS_NOT_FOUND", `there is no ${path}`, { path });
    const stat = inodeStat(inode);
    const changed = { ...inode, bytes: inode.bytes.slice() };
    setInodeMode(changed, mode ?? stat.mode);
    setInodeOwner(changed, uid ?? stat.uid, gid ?? stat.gid);
    if (Buffer.compare(changed.bytes, inode.bytes) === 0) return;
    setInodeTimes(changed, this.#seconds, false);
    writeInode(this.#disk, this.superblock, changed);
  }

  async flush(): Promise<void> {
    await this.#unmount();
  }

  async #write(path: string, content: Uint8Array, mode: number, inode: Inode | undefined): Promise<void> {
    const made =
      inode === undefined ? openFlag.exclusive : this.#canGrow(inode, content) ? 0 : openFlag.truncate;
    // The flag to create is needed for a file that exists, too: without it no write changes the file's times.
    const flags = openFlag.write | openFlag.create | openFlag.noFollow | made;
    await this.#through(path, async (session) => {
      try {
        await session.writeFile(path, flags, mode, content);
      } catch (error) {
        if (!(error instanceof PartlyWritten)) throw error;
        throw noSpace(path, roundUp(content.length - error.written, this.superblock.blockLength));
      }
    });
  }

  /** Whether the new content overwrites the old wholly, so that the blocks can stay. */
  #canGrow(inode: Inode, content: Uint8Array): boolean {
    if (content.length < inodeLength(inode)) return false;
    return blockRuns(this.#disk, this.superblock, inode).every((run) => run.written);
  }

  /** Fails early, and with the number of bytes, where the blocks for the content are not there. */
  async #checkSpace(path: string, content: Uint8Array, inode: Inode | undefined): Promise<void> {
    const { blockLength } = this.superblock;
    const runs = inode === undefined ? [] : blockRuns(this.#disk, this.superblock, inode);
    const own = runs.reduce((sum, run) => sum + run.count, 0);
    const needed = blocksWithIndex(content.length, blockLength) - own;
    // While libext2fs is mounted the counter on the disk is old; it is brought up to date only where it gets tight.
    const mostUsed = needed + directoryGrowth;
    if (this.#session !== undefined && mostUsed > this.#spareBlocks) await this.#unmount();
    const free = this.#session === undefined ? this.freeBytes() / blockLength : this.#spareBlocks;
    if (needed > free) throw noSpace(path, (needed - free) * blockLength);
    this.#spareBlocks = free - mostUsed;
  }

  #checkWritten(path: string, content: Uint8Array): void {
    const same = this.stat(path)?.length === content.length && Buffer.compare(this.read(path), content) === 0;
    if (!same) throw writerFailed("what was written reads back different", path);
  }

  #checkMade(path: string, kind: FileStat["kind"]): void {
    if (this.stat(path)?.kind !== kind)
      throw writerFailed(`the ${kind} is not there after it was made`, path);
  }

  /** libext2fs makes room in a full directory for files and links, but not for directories. */
  async #growDirectory(session: Ext2fsSession, path: string): Promise<void> {
    const length = encodeName(path).length - encodeName(parentOf(path)).length;
    const names = Array.from({ length: 36 }, (_, index) => index.toString(36).repeat(Math.min(length, 255)));
    const free = names
      .map((name) => joinPath(parentOf(path), name))
      .find((candidate) => this.find(candidate) === undefined);
    if (free === undefined) throw writerFailed("no room in its directory", path);
    await session.writeFile(
      free,
      openFlag.write | openFlag.create | openFlag.exclusive,
      0o600,
      new Uint8Array(),
    );
    await session.removeFile(free);
  }

  async #through(path: string, work: (session: Ext2fsSession) => Promise<void>): Promise<void> {
    const { length } = encodeName(path);
    if (length > pathLimit)
      throw nameError(path, `is a path of ${length} bytes: at most ${pathLimit} are possible`);
    try {
      this.#session ??= await Ext2fsSession.mount(this.#disk, this.superblock);
      await work(this.#session);
    } catch (error) {
      if (error instanceof Fault) throw error;
      if (error instanceof Ext2fsFailure && error.isNoSpace) throw noSpace(path, this.superblock.blockLength);
      if (error instanceof Ext2fsFailure && error.isNoInode) throw noInode(path);
      throw writerFailed(error, path);
    }
  }

  async #unmount(): Promise<void> {
    if (this.#session === undefined) return;
    const session = this.#session;
    this.#session = undefined;
    try {
      await session.unmount();
    } catch (error) {
      throw error instanceof Fault ? error : writerFailed(error, "the end of the edits");
    }
  }
}

/** Blocks of a new file: its content and, since libext2fs maps it by block numbers, the blocks that hold those. */
function blocksWithIndex(length: number, blockLength: number): number {
  const perBlock = blockLength / 4;
  const count = Math.ceil(length / blockLength);
  let index = 0;
  for (let level = 1, beyond = count - 12; level <= 3 && beyond > 0; level++) {
    const here = Math.min(beyond, perBlock ** level);
    for (let below = level; below >= 1; below--) index += Math.ceil(here / perBlock ** below);
    beyond -= here;
  }
  return count + index;
}
