import { rmSync } from "node:fs";
import { explainWriteFailure } from "@bootstamp/whole-file";

/** Removes a file; one that is not there is none to remove. @throws WholeFileError. */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
}
