import { Fault } from "@bootstamp/fault";
import { BootfsError } from "../bootfs-error.ts";
import type { Disk } from "../disk.ts";
import { checkNameBytes, encodeName, nameError } from "../file-name.ts";
import type { FileAttributes, FileSystem } from "../file-system.ts";
import { overwriteExtents } from "../overwrite-extents.ts";
import { noSpace, roundUp } from "../space.ts";
import { attribute } from "./fat-entry.ts";
import { checkFatWritable } from "./fat-preflight.ts";
import { FatReader, foldName } from "./fat-reader.ts";
import { FatfsFailure, FatfsSession } from "./fatfs-session.ts";

/** Room for paths is on a stack of 8 KiB; what else is on it takes less than half. */
const pathLimit = 2048;
const attributesAt = 11;
/** Any of these lets somebody write. */
const writeBits = 0o222;

/**
 * Edits FAT12, FAT16 and FAT32. Reads by itself; writes through FatFs, which is mounted when first needed, except for
 * the read-only attribute, which the build of FatFs cannot change.
 */
export class FatFileSystem extends FatReader implements FileSystem {
  readonly #disk: Disk;
  #session: FatfsSession | undefined;
  /** Free bytes, at least. */
  #spareBytes = 0;

  /** @throws BootfsError as {@link checkFatWritable}. */
  constructor(disk: Disk, diskSectorLength: number) {
    super(disk);
    checkFatWritable(disk, this.record, diskSectorLength);
    this.#disk = disk;
  }

  checkName(name: string): void {
    checkNameBytes(name);
    if (!name.isWellFormed()) throw nameError(name, "is no Unicode");
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    const bad = /[\u0000-\u001f"*/:<>?\\|\u007f]/.exec(name)?.[0];
    if (bad !== undefined) throw nameError(name, `holds ${JSON.stringify(bad)}, which FAT does not allow`);
    if (/[. ]$/.test(name)) throw nameError(name, "ends in a dot or a space, which FAT drops");
  }

  sameName(a: string, b: string): boolean {
    return foldName(a) === foldName(b);
  }

  async writeFile(path: string, content: Uint8Array, mode: number): Promise<void> {
    const entry = this.find(path);
    // FatFs takes a chain that leads out of the table for one that ends there, and goes on.
    if (entry !== undefined) this.extents(path);
    this.#checkSpace(path, content, entry?.length ?? 0);
    await this.#unprotected(path, async () => {
      const written = await this.#through(path, (session) =>
        session.writeFile(path, content, entry === undefined),
      );
      if (written < content.length)
        throw noSpace(path, roundUp(content.length - written, this.record.clusterLength));
    });
    const same = this.stat(path)?.length === content.length && Buffer.compare(this.read(path), content) === 0;
    if (!same) throw writerFailed("what was written reads back different", path);
    if (entry === undefined) await this.setAttributes(path, { mode });
  }

  async overwrite(path: string, content: Uint8Array): Promise<void> {
    // FatFs keeps a sector in its memory: it must look again.
    this.#session = undefined;
    overwriteExtents(this.#disk, path, this.extents(path), content);
  }

  async makeDirectory(path: string): Promise<void> {
    this.#checkSpace(path, new Uint8Array(1), 0);
    await this.#through(path, (session) => session.makeDirectory(path));
    if (this.stat(path)?.kind !== "directory")
      throw writerFailed("the directory is not there after it was made", path);
  }

  async makeLink(path: string): Promise<void> {
    throw new BootfsError("BOOTFS_NOT_POSSIBLE", `cannot make ${path} a link: FAT has no links`, { path });
  }

  async remove(path: string): Promise<void> {
    this.#protect(path, false);
    await this.#through(path, (session) => session.remove(path));
    if (this.find(path) !== undefined) throw writerFailed("it is still there after its removal", path);
  }

  async rename(from: string, to: string): Promise<void> {
    const before = this.find(from)?.firstCluster;
    await this.#through(from, (session) => session.rename(from, to));
    if (this.find(to)?.firstCluster !== before) throw writerFailed("it did not move", from);
  }

  /** A mode that lets nobody write is the read-only attribute; of the rest nothing is kept. */
  async setAttributes(path: string, { mode, uid, gid }: FileAttributes): Promise<void> {
    if (uid !== undefined || gid !== undefined) {
      throw new BootfsError("BOOTFS_NOT_POSSIBLE", `cannot give ${path} an owner: FAT keeps none`, { path });
    }
    if (mode !== undefined && this.find(path) !== undefined) this.#protect(path, (mode & writeBits) === 0);
  }

  /** FatFs leaves nothing behind in its memory: each of its calls writes what it changed. */
  async flush(): Promise<void> {
    this.#session = undefined;
  }

  /** Counting free clusters means reading the table, so that it is done only where it may get tight. */
  #checkSpace(path: string, content: Uint8Array, ownLength: number): void {
    const { clusterLength } = this.record;
    const needed = roundUp(content.length, clusterLength) - roundUp(ownLength, clusterLength);
    if (needed <= 0) return;
    const forTheName = clusterLength;
    if (needed + forTheName > this.#spareBytes) this.#spareBytes = this.freeBytes();
    if (needed > this.#spareBytes) throw noSpace(path, needed - this.#spareBytes);
    this.#spareBytes -= needed + forTheName;
  }

  /** Sets or clears the read-only attribute; of a directory it means nothing, so that one is left alone. */
  #protect(path: string, readOnly: boolean): boolean {
    const entry = this.find(path);
    if (entry === undefined || (entry.attributes & attribute.directory) !== 0) return false;
    const attributes = readOnly
      ? entry.attributes | attribute.readOnly
      : entry.attributes & ~attribute.readOnly;
    if (attributes === entry.attributes) return false;
    // FatFs keeps a sector in its memory: it must look again.
    this.#session = undefined;
    this.#disk.writeSync(entry.offset + attributesAt, Uint8Array.of(attributes));
    return true;
  }

  /** Runs `work` with a file that FatFs, unlike an administrator, would refuse to write. */
  async #unprotected(path: string, work: () => Promise<void>): Promise<void> {
    const wasProtected = this.#protect(path, false);
    await work();
    if (wasProtected) this.#protect(path, true);
  }

  async #through<Result>(path: string, work: (session: FatfsSession) => Result): Promise<Result> {
    const { length } = encodeName(path);
    if (length > pathLimit)
      throw nameError(path, `is a path of ${length} bytes: at most ${pathLimit} are possible`);
    try {
      this.#session ??= await FatfsSession.mount(this.#disk, this.record);
      this.#session.startAnew();
      return work(this.#session);
    } catch (error) {
      if (error instanceof Fault) throw error;
      // Nothing else is left that it could mean: attributes and kinds were looked at before.
      if (error instanceof FatfsFailure && error.isDenied) throw noSpace(path, this.record.clusterLength);
      throw writerFailed(error, path);
    }
  }
}

function writerFailed(error: unknown, path: string): BootfsError {
  const reason = error instanceof Error ? error.message : String(error);
  return new BootfsError(
    "BOOTFS_WRITER_FAILED",
    `the FAT writer failed at ${path}: ${reason}; nothing was changed`,
    { path },
    { cause: error },
  );
}
