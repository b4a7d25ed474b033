import { constants, realpathSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { FileSource, SourceError, writeAt } from "@bootstamp/byte-source";
import { readFully } from "./read-fully.ts";
import { lockFile } from "./file-lock.ts";
import type { InPlaceFile, InPlaceFiles } from "./in-place-files.ts";

/** The files of this machine. */
export const localFiles: InPlaceFiles = {
  // Where there are no users, every file belongs to 0.
  user: process.geteuid?.() ?? 0,
  locate: (path) => {
    // It says best why a file cannot be opened.
    FileSource.open(path).close();
    return realpathSync(path);
  },
  lock: lockFile,
  open: async (path) => {
    try {
      return await opened(path, await open(path, constants.O_RDWR | constants.O_NOFOLLOW));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ENOENT") return undefined;
      throw code === "ELOOP" || code === "EISDIR" ? notAFile(path) : error;
    }
  },
  create: async (path) => await opened(path, await open(path, "wx+", 0o600)),
  remove: async (path) => await rm(path),
  syncDirectory: async (directory) => {
    await using handle = await open(directory, "r");
    await handle.sync();
  },
};

async function opened(path: string, handle: FileHandle): Promise<InPlaceFile> {
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw notAFile(path);
  }
  return {
    length: stats.size,
    owner: stats.uid,
    links: stats.nlink,
    read: async (offset, length) => await readFully(path, handle, offset, length),
    write: async (offset, bytes) => await writeAt(handle, bytes, offset),
    sync: async () => await handle.sync(),
    close: async () => await handle.close(),
  };
}

function notAFile(path: string): SourceError {
  return new SourceError("SOURCE_NOT_A_FILE", `${path} is not a regular file`, { path });
}
