import type { InPlaceFile, InPlaceFiles, InPlaceLock } from "./in-place-files.ts";

/** A file whose lock this caller has. */
export interface HeldFile {
  /**
   * What does the work on the disk, as long as the lock is held: a process that stood still, and whose lock was given to
   * another, does no harm to what that does when it wakes.
   */
  readonly files: InPlaceFiles;
  readonly unlock: () => void;
}

/** Takes the lock of the file at `path`. @throws StampError `STAMP_IN_PLACE_BUSY`, also of all work after it was lost. */
export async function holdFile(files: InPlaceFiles, path: string): Promise<HeldFile> {
  const lock = await files.lock(path);
  return { files: whileHeld(files, lock), unlock: () => lock.unlock() };
}

function whileHeld(files: InPlaceFiles, lock: InPlaceLock): InPlaceFiles {
  return {
    user: files.user,
    locate: (path) => files.locate(path),
    lock: async (path) => await files.lock(path),
    open: async (path) => {
      lock.assertHeld();
      const file = await files.open(path);
      return file === undefined ? undefined : writtenWhileHeld(file, lock);
    },
    create: async (path) => {
      lock.assertHeld();
      return writtenWhileHeld(await files.create(path), lock);
    },
    remove: async (path) => {
      lock.assertHeld();
      await files.remove(path);
    },
    syncDirectory: async (directory) => await files.syncDirectory(directory),
  };
}

function writtenWhileHeld(file: InPlaceFile, lock: InPlaceLock): InPlaceFile {
  return {
    length: file.length,
    owner: file.owner,
    links: file.links,
    read: async (offset, length) => await file.read(offset, length),
    write: async (offset, bytes) => {
      lock.assertHeld();
      await file.write(offset, bytes);
    },
    sync: async () => await file.sync(),
    close: async () => await file.close(),
  };
}
