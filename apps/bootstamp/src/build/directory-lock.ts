import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { isProcessAlive, processMark } from "@bootstamp/whole-file";
import { BuildError } from "./build-error.ts";

/**
 * Takes a lock file with this process's mark, or throws `BUILD_LOCKED` while the process that holds it lives.
 * @returns a function that gives the lock back.
 */
export function lockDirectory(path: string): () => void {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, processMark(), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const holder = readFileSync(path, "utf8");
      if (isProcessAlive(holder)) throw locked(path, holder);
      rmSync(path, { force: true });
    }
  }
  throw locked(path, "unknown");
}

function locked(path: string, holder: string): BuildError {
  return new BuildError("BUILD_LOCKED", `another build (process ${holder}) is at work here: ${path}`, {
    path,
    holder,
  });
}
