import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { explainWriteFailure, removeLeftovers } from "@bootstamp/whole-file";
import { lockDirectory } from "./directory-lock.ts";
import { Ledger } from "./ledger.ts";

/** The hidden directory in an output directory where a build keeps what the next one can use again. */
export interface Workshop {
  readonly outputDirectory: string;
  readonly ledger: Ledger;
  /** Where a stampable image of this identity is kept. */
  stampablePath(identity: string, extension: string): string;
  /** Where the patch of this key is kept. */
  patchPath(key: string): string;
  /** Removes stampable images and patches that are not among these paths. */
  keepOnly(paths: ReadonlySet<string>): void;
  /** Gives the lock back. */
  close(): void;
}

/**
 * Opens the workshop of an output directory, making both, and takes its lock.
 * What killed runs left half-made is removed. @throws BuildError `BUILD_LOCKED`; WholeFileError `FILE_NOT_WRITABLE`.
 */
export function openWorkshop(outputDirectory: string): Workshop {
  const home = join(outputDirectory, ".bootstamp");
  const bases = join(home, "bases");
  const patches = join(home, "patches");
  const unlock = explained(outputDirectory, () => {
    for (const directory of [bases, patches]) mkdirSync(directory, { recursive: true });
    return lockDirectory(join(home, "lock"));
  });
  for (const directory of [outputDirectory, home, bases, patches]) removeLeftovers(directory);
  return {
    outputDirectory,
    ledger: new Ledger(join(home, "ledger.jsonl")),
    stampablePath: (identity, extension) => join(bases, `${identity.slice(0, 32)}${extension}`),
    patchPath: (key) => join(patches, key.slice(0, 32)),
    keepOnly: (paths) => {
      const all = [bases, patches].flatMap((directory) =>
        readdirSync(directory).map((name) => join(directory, name)),
      );
      for (const path of all.filter((each) => !paths.has(each))) rmSync(path, { force: true });
    },
    close: unlock,
  };
}

function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
}
