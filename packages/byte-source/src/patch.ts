/** One run of bytes that a variant has in place of the base's. */
export interface PatchRun {
  /** Offset in the raw image. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** CRC-32 of the base's bytes at the same place: a patch made for another base shows itself by it. */
  readonly replacedCrc32: number;
}

/** What a variant's edits come to: runs in ascending order, that neither overlap nor touch. */
export type Patch = readonly PatchRun[];
