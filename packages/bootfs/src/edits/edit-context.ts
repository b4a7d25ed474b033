import type { FileReport, LeftReport } from "../edit-report.ts";
import type { FileSystem } from "../file-system.ts";

/** What an edit works on, and where it notes what it did. */
export interface EditContext {
  readonly fs: FileSystem;
  readonly files: FileReport[];
  readonly left: LeftReport[];
}

export const defaultFileMode = 0o644;
export const defaultDirectoryMode = 0o755;
