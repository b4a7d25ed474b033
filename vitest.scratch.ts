import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives a run of tests a folder of its own for temporary files, which goes with all that is in it when the run ends. */
export default function giveScratchFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-tests-"));
  // Some tests run programs as another user.
  chmodSync(folder, 0o755);
  process.env["TMPDIR"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
