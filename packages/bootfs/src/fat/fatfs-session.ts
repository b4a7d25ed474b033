/*
 * FatFs R0.15 by ChaN, as WebAssembly in the npm package js-fatfs. What to know of it: a full disk shows as a short
 * count of written bytes; closing a file can fail; renaming refuses a name that is taken; names go through a stack of
 * 8 KiB; the memory of a file's last sector is written as it is.
 */
import {
  create,
  FA_CREATE_NEW,
  FA_OPEN_EXISTING,
  FA_WRITE,
  FR_OK,
  sizeof_FATFS,
  sizeof_FIL,
  type FatFs,
} from "js-fatfs";
import type { Disk } from "../disk.ts";
import type { BootRecord } from "./boot-record.ts";
import { fatfsDisk, type Trouble } from "./fatfs-disk.ts";

/** Results of FatFs by their number (ff.h, FRESULT). */
const results = [
  "FR_OK",
  "FR_DISK_ERR",
  "FR_INT_ERR",
  "FR_NOT_READY",
  "FR_NO_FILE",
  "FR_NO_PATH",
  "FR_INVALID_NAME",
  "FR_DENIED",
  "FR_EXIST",
  "FR_INVALID_OBJECT",
  "FR_WRITE_PROTECTED",
  "FR_INVALID_DRIVE",
  "FR_NOT_ENABLED",
  "FR_NO_FILESYSTEM",
] as const;

const chunkLength = 1 << 20;

/**
 * A file system mounted in an instance of FatFs of its own. Paths are canonical. Each method leaves the disk complete.
 * After any error: do not use it.
 */
export class FatfsSession {
  readonly #fatFs: FatFs;
  readonly #volume: number;
  readonly #trouble: Trouble;
  readonly #file: number;
  readonly #count: number;

  private constructor(fatFs: FatFs, trouble: Trouble) {
    this.#fatFs = fatFs;
    this.#volume = fatFs.malloc(sizeof_FATFS);
    this.#trouble = trouble;
    this.#file = fatFs.malloc(sizeof_FIL);
    this.#count = fatFs.malloc(4);
  }

  static async mount(disk: Disk, record: BootRecord): Promise<FatfsSession> {
    const trouble: Trouble = { first: undefined };
    // The code page decides about the letters of short names; 437 is what mkfs.vfat and Linux take.
    const fatFs = await create({ diskio: fatfsDisk(disk, record, trouble), codepage: 437 });
    const session = new FatfsSession(fatFs, trouble);
    session.startAnew();
    return session;
  }

  /**
   * Makes FatFs forget where it last found a free cluster. It would go on from there, so that where a file comes to lie
   * would depend on all that was written before it.
   */
  startAnew(): void {
    this.#expectOk("f_mount", this.#fatFs.f_mount(this.#volume, "", 1));
  }

  /** Puts `content` in place of a file's, or makes the file. @returns the bytes that found room. */
  writeFile(path: string, content: Uint8Array, make: boolean): number {
    if (make) {
      this.#open(path, FA_WRITE | FA_CREATE_NEW);
      this.#expectOk("f_close", this.#fatFs.f_close(this.#file));
      // Its name may have made the directory grow: the content shall not come to lie behind that.
      this.startAnew();
    }
    this.#open(path, FA_WRITE | FA_OPEN_EXISTING);
    let written = 0;
    while (written < content.length) {
      const chunk = content.subarray(written, written + chunkLength);
      const count = this.#writeChunk(chunk);
      written += count;
      if (count < chunk.length) return written;
    }
    this.#expectOk("f_truncate", this.#fatFs.f_truncate(this.#file));
    this.#expectOk("f_close", this.#fatFs.f_close(this.#file));
    return written;
  }

  makeDirectory(path: string): void {
    this.#expectOk("f_mkdir", this.#fatFs.f_mkdir(path));
  }

  /** Removes a file or an empty directory. */
  remove(path: string): void {
    this.#expectOk("f_unlink", this.#fatFs.f_unlink(path));
  }

  rename(from: string, to: string): void {
    this.#expectOk("f_rename", this.#fatFs.f_rename(from, to));
  }

  #open(path: string, mode: number): void {
    // Otherwise the rest of the last sector would show what was in this memory before.
    this.#fatFs.HEAPU8.fill(0, this.#file, this.#file + sizeof_FIL);
    this.#expectOk("f_open", this.#fatFs.f_open(this.#file, path, mode));
  }

  #writeChunk(chunk: Uint8Array): number {
    const pointer = this.#fatFs.malloc(chunk.length);
    if (pointer === 0) throw new FatfsFailure("malloc", -1);
    this.#fatFs.HEAPU8.set(chunk, pointer);
    const result = this.#fatFs.f_write(this.#file, pointer, chunk.length, this.#count);
    this.#fatFs.free(pointer);
    this.#expectOk("f_write", result);
    return this.#fatFs.getValue(this.#count, "i32");
  }

  #expectOk(name: string, result: number): void {
    if (this.#trouble.first !== undefined) throw this.#trouble.first;
    if (result !== FR_OK) throw new FatfsFailure(name, result);
  }
}

/** A call into FatFs that did not answer success. */
export class FatfsFailure extends Error {
  /** What FatFs says where a directory or the disk has no room for an entry. */
  readonly isDenied: boolean;

  constructor(name: string, result: number) {
    super(`${name}: ${results[result] ?? `error ${result}`}`);
    this.isDenied = results[result] === "FR_DENIED";
  }
}
