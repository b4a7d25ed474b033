import { writeAtSync } from "@bootstamp/byte-source";
import { isZeroRun } from "@bootstamp/segment-map";

/** What file systems allocate at once, most of them. */
const blockLength = 4096;

/** Writes raw bytes to their offset; with `zeroed`, whole blocks of zeros are left out, so that they stay holes. */
export function writeRaw(descriptor: number, bytes: Uint8Array, offset: number, zeroed: boolean): void {
  if (!zeroed) return writeAtSync(descriptor, bytes, offset);
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + blockLength - ((offset + at) % blockLength));
    if (isZeroRun(bytes.subarray(at, end))) {
      writeAtSync(descriptor, bytes.subarray(start, at), offset + start);
      start = end;
    }
    at = end;
  }
  writeAtSync(descriptor, bytes.subarray(start), offset + start);
}
