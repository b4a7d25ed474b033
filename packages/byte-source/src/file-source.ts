import { closeSync, constants, fstatSync, openSync, readSync, statSync, type BigIntStats } from "node:fs";
import { promisify } from "node:util";
import { read as readWithCallback } from "node:fs";
import type { ByteSource, SyncByteSource } from "./byte-source.ts";
import { checkRange } from "./check-range.ts";
import { SourceError } from "./source-error.ts";

const readFileBytes = promisify(readWithCallback);

/** What tells one state of a file from another without reading it. */
export interface FileFingerprint {
  readonly length: number;
  readonly modifiedNs: string;
  readonly changedNs: string;
  readonly inode: string;
}

/** A source over a regular file, whose length is fixed at opening. {@link FileSource.close} frees the descriptor. */
export class FileSource implements ByteSource, SyncByteSource {
  readonly path: string;
  readonly length: number;
  readonly fingerprint: FileFingerprint;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number, stats: BigIntStats) {
    this.path = path;
    this.#descriptor = descriptor;
    this.fingerprint = fingerprintOf(stats);
    this.length = this.fingerprint.length;
  }

  /** Opens `path` for reading. @throws SourceError `SOURCE_UNREADABLE`, `SOURCE_NOT_A_FILE`. */
  static open(path: string): FileSource {
    let descriptor: number;
    try {
      // A FIFO that nobody writes to would hold this thread, which then hears no signal.
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      const reason = reasonOf(error);
      throw new SourceError(
        "SOURCE_UNREADABLE",
        `cannot open ${path}: ${reason}`,
        { path },
        { cause: error },
      );
    }
    const stats = fstatSync(descriptor, { bigint: true });
    if (!stats.isFile()) {
      closeSync(descriptor);
      throw new SourceError("SOURCE_NOT_A_FILE", `${path} is not a regular file`, { path });
    }
    return new FileSource(path, descriptor, stats);
  }

  /**
   * Opens the file that `fingerprint` was taken from, in another thread or later.
   * @throws SourceError `SOURCE_CHANGED` if `path` leads to another file by now, or the file was written to.
   */
  static reopen(path: string, fingerprint: FileFingerprint): FileSource {
    const source = FileSource.open(path);
    if (sameFingerprint(source.fingerprint, fingerprint)) return source;
    source.close();
    throw new SourceError("SOURCE_CHANGED", `${path} was changed or replaced while it was in use`, { path });
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    checkRange(this.length, offset, length);
    const target = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const bytesRead = await this.#readSome(target.subarray(done), offset + done);
      if (bytesRead === 0) throw this.#truncated(offset + done);
      done += bytesRead;
    }
    return target;
  }

  readSync(offset: number, target: Uint8Array): void {
    checkRange(this.length, offset, target.length);
    for (let done = 0; done < target.length;) {
      const bytesRead = this.#readSomeSync(target.subarray(done), offset + done);
      if (bytesRead === 0) throw this.#truncated(offset + done);
      done += bytesRead;
    }
  }

  /** Throws `SOURCE_CHANGED` if the file was written to, cut or replaced under its inode since it was opened. */
  assertUnchanged(): void {
    const now = fingerprintOf(fstatSync(this.#descriptor, { bigint: true }));
    if (!sameFingerprint(now, this.fingerprint)) {
      throw new SourceError("SOURCE_CHANGED", `${this.path} changed while it was being read`, {
        path: this.path,
      });
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  async #readSome(target: Uint8Array, offset: number): Promise<number> {
    try {
      const { bytesRead } = await readFileBytes(this.#descriptor, target, 0, target.length, offset);
      return bytesRead;
    } catch (error) {
      throw this.#unreadable(offset, error);
    }
  }

  #readSomeSync(target: Uint8Array, offset: number): number {
    try {
      return readSync(this.#descriptor, target, 0, target.length, offset);
    } catch (error) {
      throw this.#unreadable(offset, error);
    }
  }

  #unreadable(offset: number, error: unknown): SourceError {
    return new SourceError(
      "SOURCE_UNREADABLE",
      `cannot read ${this.path} at offset ${offset}: ${reasonOf(error)}`,
      { path: this.path, offset },
      { cause: error },
    );
  }

  #truncated(offset: number): SourceError {
    return new SourceError(
      "SOURCE_TRUNCATED",
      `${this.path} ends at offset ${offset}: it had ${this.length} bytes when it was opened`,
      { path: this.path, offset, expected: this.length },
    );
  }
}

/** Of `ENOENT: no such file or directory, open '/x'` the words, and of `EIO: i/o error, read` too. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^E[A-Z0-9]+: ([^,]+), /.exec(message)?.[1] ?? message;
}

export function sameFingerprint(a: FileFingerprint, b: FileFingerprint): boolean {
  return (
    a.length === b.length &&
    a.modifiedNs === b.modifiedNs &&
    a.changedNs === b.changedNs &&
    a.inode === b.inode
  );
}

/** The fingerprint of the file that is at `path` now, if there is one. */
export function fingerprintAt(path: string): FileFingerprint | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : fingerprintOf(stats);
}

function fingerprintOf(stats: BigIntStats): FileFingerprint {
  return {
    length: Number(stats.size),
    modifiedNs: String(stats.mtimeNs),
    changedNs: String(stats.ctimeNs),
    inode: `${stats.dev}:${stats.ino}`,
  };
}
