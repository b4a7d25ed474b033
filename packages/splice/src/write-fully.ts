import { writeSync } from "node:fs";

/** Writes all of `bytes` at `offset` of an open file. */
export function writeFully(descriptor: number, offset: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
  }
}
