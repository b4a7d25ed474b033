import { BootfsError } from "../bootfs-error.ts";
import type { Disk } from "../disk.ts";
import { encodeName } from "../file-name.ts";
import { Ext2fsFailure } from "./ext2fs-failure.ts";
import { loadExt2fs, type AsyncDisk, type Ext2fsModule } from "./ext2fs-module.ts";
import { backupCopies } from "./superblock-copies.ts";
import type { Superblock } from "./superblock.ts";

// Flags of node_ext2fs_open.
export const openFlag = {
  write: 0x1,
  create: 0x40,
  exclusive: 0x80,
  truncate: 0x200,
  noFollow: 0x2_0000,
} as const;

/** A write of 12 MiB at once exhausts the module's memory and leaves a damaged file system. */
const chunkLength = 256 << 10;
/** Bitmaps are kept whole in the module's 16 MiB; more than this much of them leaves too little for the rest. */
const bitmapLimit = 8 << 20;

/**
 * A file system mounted in libext2fs. Paths are canonical. What it changes reaches the disk at once, except bitmaps and
 * counters, which {@link Ext2fsSession.unmount} writes. After any error: do not use it, nor the thread.
 */
export class Ext2fsSession {
  readonly #module: Ext2fsModule;
  readonly #diskId: number;
  readonly #fileSystem: number;
  readonly #trouble: Trouble;

  private constructor(module: Ext2fsModule, diskId: number, fileSystem: number, trouble: Trouble) {
    this.#module = module;
    this.#diskId = diskId;
    this.#fileSystem = fileSystem;
    this.#trouble = trouble;
  }

  /** @throws BootfsError `BOOTFS_TOO_LARGE`. */
  static async mount(disk: Disk, superblock: Superblock): Promise<Ext2fsSession> {
    checkBitmapsFit(superblock);
    const module = await loadExt2fs();
    const trouble: Trouble = { first: undefined };
    const diskId = module.addDisk(asyncDisk(disk, superblock, trouble));
    const fileSystem = await module.call("mount", diskId);
    checkResult("mount", fileSystem, trouble, fileSystem > 0);
    return new Ext2fsSession(module, diskId, fileSystem, trouble);
  }

  /** Opens or makes a file and puts `content` at its start. @throws PartlyWritten if the space ends. */
  async writeFile(path: string, flags: number, mode: number, content: Uint8Array): Promise<void> {
    const handle = await this.#openFile(path, flags, mode);
    for (let done = 0; done < content.length; done += chunkLength) {
      const chunk = content.subarray(done, done + chunkLength);
      try {
        await this.#writeChunk(handle, flags, chunk, done);
      } catch (error) {
        if (error instanceof Ext2fsFailure && error.isNoSpace) throw new PartlyWritten(done, error);
        throw error;
      }
    }
    await this.#closeFile(handle, content.length);
  }

  makeDirectory(path: string, mode: number): Promise<void> {
    return this.#onPath("mkdir", path, (pointer) => [pointer, mode]);
  }

  async makeLink(path: string, target: string): Promise<void> {
    await this.#module.withBytes(cString(target), async (targetPointer) => {
      await this.#onPath("symlink", path, (pointer) => [targetPointer, pointer]);
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#module.withBytes(cString(from), async (fromPointer) => {
      await this.#onPath("rename", to, (pointer) => [fromPointer, pointer]);
    });
  }

  removeFile(path: string): Promise<void> {
    return this.#onPath("unlink", path, (pointer) => [pointer]);
  }

  removeDirectory(path: string): Promise<void> {
    return this.#onPath("rmdir", path, (pointer) => [pointer]);
  }

  async unmount(): Promise<void> {
    await this.#expectZero("umount", this.#fileSystem);
    this.#module.removeDisk(this.#diskId);
  }

  async #openFile(path: string, flags: number, mode: number): Promise<number> {
    return await this.#module.withBytes(cString(path), async (pointer) => {
      const handle = await this.#module.call("open", this.#fileSystem, pointer, flags, mode);
      checkResult("open", handle, this.#trouble, handle > 0);
      return handle;
    });
  }

  async #writeChunk(handle: number, flags: number, chunk: Uint8Array, position: number): Promise<void> {
    await this.#module.withBytes(chunk, async (pointer) => {
      const written = await this.#module.call("write", handle, flags, pointer, chunk.length, position);
      checkResult("write", written, this.#trouble, written >= 0);
      if (written !== chunk.length) throw new Error(`write: ${written} of ${chunk.length} bytes`);
    });
  }

  /** The last block of a file gets its place only now. */
  async #closeFile(handle: number, length: number): Promise<void> {
    try {
      await this.#expectZero("close", handle);
    } catch (error) {
      if (error instanceof Ext2fsFailure && error.isNoSpace)
        throw new PartlyWritten(Math.max(length - 1, 0), error);
      throw error;
    }
  }

  async #onPath(name: string, path: string, args: (pointer: number) => number[]): Promise<void> {
    await this.#module.withBytes(cString(path), async (pointer) => {
      await this.#expectZero(name, this.#fileSystem, ...args(pointer));
    });
  }

  /** Errors of the C library come back above 0 from some calls, below 0 from others: only 0 is success. */
  async #expectZero(name: string, ...args: readonly number[]): Promise<void> {
    const result = await this.#module.call(name, ...args);
    checkResult(name, result, this.#trouble, result === 0);
  }
}

/** No block was left for the rest of a file. */
export class PartlyWritten extends Error {
  /** Bytes that found a place, at least. */
  readonly written: number;

  constructor(written: number, cause: Ext2fsFailure) {
    super(cause.message, { cause });
    this.written = written;
  }
}

/** The first thing that went wrong in the disk: libext2fs takes some read errors for "there is no such file". */
interface Trouble {
  first: unknown;
}

function checkResult(name: string, result: number, trouble: Trouble, success: boolean): void {
  if (trouble.first !== undefined) throw trouble.first;
  if (!success) throw new Ext2fsFailure(name, result);
}

function asyncDisk(disk: Disk, superblock: Superblock, trouble: Trouble): AsyncDisk {
  const isBackup = backupCopies(superblock);
  const attempt = async (work: () => void): Promise<void> => {
    try {
      work();
    } catch (error) {
      trouble.first ??= error;
      throw error;
    }
  };
  return {
    read: (buffer, at, length, offset) =>
      attempt(() => disk.readSync(offset, buffer.subarray(at, at + length))),
    write: (buffer, at, length, offset) =>
      attempt(() => {
        if (!isBackup(offset)) disk.writeSync(offset, buffer.subarray(at, at + length));
      }),
    discard: async () => undefined,
    flush: async () => undefined,
  };
}

function checkBitmapsFit(superblock: Superblock): void {
  const { blockCount, inodeCount, groupCount, descriptorLength } = superblock;
  const needed = Math.ceil(blockCount / 8) + Math.ceil(inodeCount / 8) + groupCount * descriptorLength;
  if (needed <= bitmapLimit) return;
  throw new BootfsError(
    "BOOTFS_TOO_LARGE",
    `the ext file system is too large for the writer: its bitmaps take ${needed} bytes, at most ${bitmapLimit} are possible`,
    { needed, limit: bitmapLimit },
  );
}

function cString(text: string): Uint8Array {
  return Buffer.concat([encodeName(text), Uint8Array.of(0)]);
}
