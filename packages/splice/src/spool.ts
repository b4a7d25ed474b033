import { closeSync, mkdtempSync, openSync, read as readWithCallback, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ByteSource } from "@bootstamp/byte-source";
import { explainWriteFailure } from "@bootstamp/whole-file";

const readFileBytes = promisify(readWithCallback);

/**
 * A file without a name, for what was packed and has no place yet: so that memory does not grow with what is touched. It
 * is gone when it is closed, or the process is killed. Takes room for what is written to it only, wherever that is.
 */
export class Spool implements Disposable {
  /** The name that it had, for messages. */
  readonly path: string;
  /** Of all threads of this process. */
  readonly descriptor: number;
  #end = 0;

  /** @throws WholeFileError where TMPDIR has no room for it. */
  constructor() {
    const prefix = join(tmpdir(), "bootstamp-splice-");
    try {
      const folder = mkdtempSync(prefix);
      this.path = join(folder, "spool");
      try {
        this.descriptor = openSync(this.path, "wx+", 0o600);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    } catch (error) {
      throw explainWriteFailure(prefix, error);
    }
  }

  /** Offset of `length` bytes that nobody else writes to. */
  reserve(length: number): number {
    const offset = this.#end;
    this.#end += length;
    return offset;
  }

  /** What was written from `offset` on, which must stay. */
  source(offset: number, length: number): ByteSource {
    return {
      length,
      read: async (from, count) => {
        const target = new Uint8Array(count);
        for (let done = 0; done < count;) {
          const { bytesRead } = await readFileBytes(
            this.descriptor,
            target,
            done,
            count - done,
            offset + from + done,
          );
          if (bytesRead === 0) throw new Error("internal error: a spool ends before what was written to it");
          done += bytesRead;
        }
        return target;
      },
    };
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }
}
