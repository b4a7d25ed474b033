import { writeSync } from "node:fs";

// One write of the system may come out short without an error, on a disk that gets full, over NFS or FUSE: what is taken
// for written then is a hole in a file that looks whole.

/** What one write of the system goes to: a `FileHandle`. */
interface PlacedWriter {
  write(
    bytes: Uint8Array,
    from: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
}

/** Writes all of `bytes` at `offset` of an open file. @throws the system's error. */
export async function writeAt(file: PlacedWriter, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    done += progressOf(bytesWritten);
  }
}

/** {@link writeAt} by descriptor, for code that cannot wait. */
export function writeAtSync(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length;) {
    done += progressOf(writeSync(descriptor, bytes, done, bytes.length - done, offset + done));
  }
}

/** Some devices write nothing at their end, and say nothing: that must not be tried for ever. */
function progressOf(written: number): number {
  if (written > 0) return written;
  throw Object.assign(new Error("ENOSPC: no space left, nothing was written, write"), {
    code: "ENOSPC",
    syscall: "write",
  });
}
