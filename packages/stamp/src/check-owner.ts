import type { InPlaceFile, InPlaceFiles } from "./in-place-files.ts";

/**
 * Throws `fault` unless what lies beside a file, and belongs to `owner`, may say what is written into it. In a directory
 * where others may write, one of them could have the owner of a file write into it what he likes.
 */
export function checkOwner(files: InPlaceFiles, owner: number, file: InPlaceFile, fault: () => Error): void {
  if (![files.user, file.owner, 0].includes(owner)) throw fault();
}
