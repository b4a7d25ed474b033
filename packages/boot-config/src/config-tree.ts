/** Where a path leads, symlinks followed. */
export interface ConfigLocation {
  /** The same for every path that leads to the same file, absolute from the root of the tree. */
  readonly path: string;
  readonly type: "file" | "directory" | "other";
  /** Bytes, for a file. */
  readonly size: number;
}

/**
 * The directories of a partition, as far as the search for configuration files needs them. Paths are absolute
 * from the root of the partition, with `/`. Symlinks are followed and never lead out of the tree.
 */
export interface ConfigTree {
  /** The names in a directory, without `.` and `..`; empty when the path leads to no directory. */
  list(directory: string): Promise<readonly string[]>;
  /** Undefined when the path leads nowhere. */
  locate(path: string): Promise<ConfigLocation | undefined>;
  /** The whole content of a file. */
  read(path: string): Promise<Uint8Array>;
}
