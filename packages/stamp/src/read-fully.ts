import type { FileHandle } from "node:fs/promises";
import { SourceError } from "@bootstamp/byte-source";

/** Reads all of a range. @throws SourceError `SOURCE_TRUNCATED`. */
export async function readFully(
  path: string,
  handle: FileHandle,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(target, done, length - done, offset + done);
    if (bytesRead === 0) {
      throw new SourceError("SOURCE_TRUNCATED", `${path} ends at offset ${offset + done}, inside a read`, {
        path,
        offset: offset + done,
      });
    }
    done += bytesRead;
  }
  return target;
}
