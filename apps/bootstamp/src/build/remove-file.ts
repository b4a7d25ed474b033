import { unlinkSync } from "node:fs";
import { explainWriteFailure } from "@bootstamp/whole-file";

/** Removes a file; one that is not there is none to remove. @throws WholeFileError. */
export function removeFile(path: string): void {
  try {
    // Not rmSync: its errors do not say what the system said.
    unlinkSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw explainWriteFailure(path, error);
  }
}
