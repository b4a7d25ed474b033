/** What edits that come later may do. Paths as in edits. */
export interface Reserve {
  /** Files that they rewrite, or make where there are none: each to any length up to its own and `room` bytes more. */
  readonly files: readonly { readonly path: string; readonly room: number }[];
  /**
   * Files and directories that they make below a directory which is there: {@link mostNewFiles} at most, that all in all
   * count `bytes`. Each counts with its length in whole {@link countingUnit}s, and one unit more.
   */
  readonly newFiles?: { readonly directory: string; readonly bytes: number };
  /** Files that they fill where they lie. */
  readonly slots: readonly string[];
}

export const mostNewFiles = 128;

/** Bytes of all that is foreseen: rehearsals hold it in memory a few times over. */
export const largestReserve: number = 48 << 20;

/** 4 KiB, or what the file system allocates at once if that is more. */
export function countingUnit(blockLength: number): number {
  return Math.max(4096, blockLength);
}
