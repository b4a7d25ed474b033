import { writeSync } from "node:fs";
import { isZeroRun } from "@bootstamp/segment-map";

/** What file systems allocate at once, most of them. */
const blockLength = 4096;

/** Writes raw bytes to their offset; with `zeroed`, whole blocks of zeros are left out, so that they stay holes. */
export function writeRaw(descriptor: number, bytes: Uint8Array, offset: number, zeroed: boolean): void {
  if (!zeroed) return writeAll(descriptor, bytes, offset);
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + blockLength - ((offset + at) % blockLength));
    if (isZeroRun(bytes.subarray(at, end))) {
      writeAll(descriptor, bytes.subarray(start, at), offset + start);
      start = end;
    }
    at = end;
  }
  writeAll(descriptor, bytes.subarray(start), offset + start);
}

function writeAll(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
  }
}
