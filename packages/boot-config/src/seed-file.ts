/** A file to be written: a plan, nothing is written here. */
export interface SeedFile {
  /** Relative to the folder that the caller chooses, with `/`, without a leading one. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Permission bits, where the file system has them. */
  readonly mode: number;
  /** Permission bits of the file's own folder, when it has to be made. */
  readonly directoryMode?: number;
}
