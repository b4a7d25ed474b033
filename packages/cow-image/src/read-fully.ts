import type { FileHandle } from "node:fs/promises";
import { foreign } from "./scratch-head.ts";

/** Reads exactly `length` bytes. @throws CowError `COW_SCRATCH_FOREIGN` where the file ends before. */
export async function readFully(
  handle: FileHandle,
  offset: number,
  length: number,
  path: string,
): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(target, done, length - done, offset + done);
    if (bytesRead === 0) throw foreign(path, `it ends at offset ${offset + done}`);
    done += bytesRead;
  }
  return target;
}
