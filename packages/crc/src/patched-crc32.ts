import { crc32 } from "./models.ts";

/** New bytes of a run, and the CRC-32 of those that it replaces. */
export interface ReplacedRun {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly replacedCrc32: number;
}

/**
 * The CRC-32 of `length` bytes once the runs of a patch are replaced, from `before`, that of the bytes as they were.
 *
 * The runs lie apart and inside of the bytes. Costs their bytes, and for each run the logarithm of `length`.
 */
export function patchedCrc32(before: number, length: number, patch: Iterable<ReplacedRun>): number {
  let crc = before;
  for (const { offset, bytes, replacedCrc32 } of patch)
    crc = crc32.patch(crc, replacedCrc32, crc32.of(bytes), length - offset - bytes.length);
  return crc;
}
