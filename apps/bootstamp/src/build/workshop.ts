import { chmodSync, existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { explainWriteFailure, removeLeftovers } from "@bootstamp/whole-file";
import { generator } from "../version.ts";
import { type DirectoryLock, lockDirectory } from "./directory-lock.ts";
import { Ledger } from "./ledger.ts";
import { fileStore, type PatchStore } from "./patch-store.ts";
import { makeDirectories } from "./make-directories.ts";
import { removeFile } from "./remove-file.ts";

/** The hidden directory in an output directory where a build keeps what the next one can use again. */
export interface Workshop {
  readonly outputDirectory: string;
  readonly ledger: Ledger;
  readonly patches: PatchStore;
  /** Where a stampable image of this identity is kept. */
  stampablePath(identity: string, extension: string): string;
  /** Where the raw image is kept that a base of this identity was unpacked to. */
  rawBasePath(identity: string): string;
  /** Removes the stampable images, raw bases and patches that have neither of these identities and keys. */
  keepOnly(identities: ReadonlySet<string>): void;
  /** @throws ProgramError `BUILD_LOCKED` if another build has the lock by now: to one that stood still it happens. */
  assertHeld(): void;
  /**
   * Gives the lock back. After a failure, what this run made of the directory goes with it, unless it holds a
   * stampable image or a raw base: a spec with a mistake in it leaves nothing behind.
   */
  close(failed: boolean): void;
}

/**
 * Opens the workshop of an output directory, making both, and takes its lock. Patches may hold secrets: the workshop
 * is for its owner alone. What killed runs left half-made is removed.
 * @throws ProgramError `BUILD_LOCKED`; WholeFileError `FILE_NOT_WRITABLE`.
 */
export async function openWorkshop(outputDirectory: string): Promise<Workshop> {
  const home = join(outputDirectory, workshopName);
  const bases = join(home, basesName);
  const patches = join(home, "patches");
  const isNew = !existsSync(home);
  const made = explained(outputDirectory, () => makeDirectories(outputDirectory));
  explained(home, () => {
    for (const directory of [home, bases, patches]) makeDirectories(directory, 0o700);
    chmodSync(home, 0o700);
  });
  const lock = await lockExplained(home);
  for (const directory of [outputDirectory, home, bases, patches]) removeLeftovers(directory);
  return {
    outputDirectory,
    ledger: new Ledger(ledgerPathIn(outputDirectory), generator),
    patches: fileStore((key) => join(patches, shortened(key))),
    rawBasePath: (identity) => join(bases, `${shortened(identity)}.raw`),
    stampablePath: (identity, extension) => stampablePathIn(outputDirectory, identity, extension),
    keepOnly: (identities) => {
      const kept = new Set([...identities].map(shortened));
      for (const directory of [bases, patches]) {
        const names = explained(directory, () => readdirSync(directory));
        for (const name of names) if (!kept.has(shortened(name))) removeFile(join(directory, name));
      }
    },
    assertHeld: () => lock.assertHeld(),
    close: (failed) => {
      if (failed && isNew && isEmpty(bases) && !lock.isLost) removeMade(home, outputDirectory, made);
      lock.unlock();
    },
  };
}

const workshopName = ".bootstamp";
const basesName = "bases";

/** Where the workshop of an output directory keeps a stampable image, whether it is there or not. */
export function stampablePathIn(outputDirectory: string, identity: string, extension: string): string {
  return join(outputDirectory, workshopName, basesName, shortened(identity) + extension);
}

/** Where the workshop of an output directory keeps what is known of the files there. */
export function ledgerPathIn(outputDirectory: string): string {
  return join(outputDirectory, workshopName, "ledger.jsonl");
}

/** Where the workshop of an output directory keeps which uploads are under way. */
export function uploadsPathIn(outputDirectory: string): string {
  return join(outputDirectory, workshopName, "uploads.json");
}

/** Enough of an identity to tell files apart. */
const shownIdentity = 32;

function shortened(identity: string): string {
  return identity.slice(0, shownIdentity);
}

async function lockExplained(home: string): Promise<DirectoryLock> {
  try {
    return await lockDirectory(home);
  } catch (error) {
    throw explainWriteFailure(home, error);
  }
}

/** Whoever removed it while the build was under way is told so by what failed for it. */
function isEmpty(directory: string): boolean {
  return !existsSync(directory) || readdirSync(directory).length === 0;
}

/** Removes `home`, and of the directories above it those that `mkdir` made, from `made` on, and that are empty. */
function removeMade(home: string, outputDirectory: string, made: string | undefined): void {
  try {
    rmSync(home, { recursive: true, force: true });
    if (made === undefined) return;
    for (let path = outputDirectory; path.length >= made.length; path = dirname(path)) rmdirSync(path);
  } catch {
    // Not empty: others use it too by now. Or not to be removed, which is no news beside the failure itself.
  }
}

function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
}
