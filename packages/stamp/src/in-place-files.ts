import type { ByteSource } from "@bootstamp/byte-source";

/**
 * All that in-place work does to a disk. A test records it, and cuts the power after every step.
 *
 * What is written or removed may be lost, or come to the disk in any order, until the sync that is said to keep it.
 */
export interface InPlaceFiles {
  /** The number of the user that this process works for. */
  readonly user: number;
  /** Where the file that `path` leads to really is: its journal is beside it. */
  locate(path: string): string;
  /**
   * Keeps other processes that ask for the same path out, and other callers in this one.
   * @throws StampError `STAMP_IN_PLACE_BUSY`.
   */
  lock(path: string): Promise<InPlaceLock>;
  /** Opens the regular file at `path` for reading and writing; follows no link. Undefined if nothing is there. */
  open(path: string): Promise<InPlaceFile | undefined>;
  /** Creates a file that this user alone may read. Fails if something is there. */
  create(path: string): Promise<InPlaceFile>;
  remove(path: string): Promise<void>;
  /** Keeps what was created and removed in a directory. */
  syncDirectory(directory: string): Promise<void>;
}

/** The lock of a file. */
export interface InPlaceLock {
  /** @throws StampError `STAMP_IN_PLACE_BUSY` if the lock was given to another: to one that stood still it happens. */
  assertHeld(): void;
  /** Gives the lock back. */
  unlock(): void;
}

/** An open file; `length` is that at opening. */
export interface InPlaceFile extends ByteSource {
  /** The number of the user whom the file belongs to. */
  readonly owner: number;
  /** How many names the file has. */
  readonly links: number;
  /** Does not keep `bytes`. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Keeps what was written to the file. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
