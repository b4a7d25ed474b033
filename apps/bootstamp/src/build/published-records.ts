import { existsSync } from "node:fs";
import { join } from "node:path";
import { ProgramError } from "../program-error.ts";
import { checksumsText, listedFiles, manifestText, type Manifest } from "./manifest.ts";
import { manifestName, readManifest } from "./read-manifest.ts";
import { removeFile } from "./remove-file.ts";
import type { Workshop } from "./workshop.ts";
import { writeIfChanged } from "./write-if-changed.ts";

export const checksumsName = "SHA256SUMS";

/**
 * manifest.json and SHA256SUMS of an output directory. They are there when all that they list is, as they say it:
 * before the first listed file is replaced they are withdrawn, and they come back last.
 */
export interface PublishedRecords {
  /** What an earlier build made, if it came to its end. */
  readonly earlier: Manifest | undefined;
  /** @throws ProgramError `BUILD_LOCKED` if another build has the directory by now, and these are its records. */
  withdraw(): void;
  /** Writes what differs from what is there. Returns whether anything did. @throws as {@link withdraw}. */
  publish(manifest: Manifest): Promise<boolean>;
}

/**
 * Looks at the records of a workshop's output directory.
 * @throws ProgramError `BUILD_FOREIGN_FILE`: in a directory that is used for other things too, their files would be lost.
 */
export function openRecords(workshop: Workshop): PublishedRecords {
  const { outputDirectory: directory, ledger } = workshop;
  // What an interrupted build left has no manifest.
  const isKnown = ledger.keys().length > 0;
  const manifestPath = join(directory, manifestName);
  const checksumsPath = join(directory, checksumsName);
  const earlier = readOwnManifest(directory);
  if (earlier === undefined && !isKnown && existsSync(checksumsPath)) throw foreign(checksumsPath);
  return {
    earlier,
    withdraw: () => {
      workshop.assertHeld();
      removeFile(manifestPath);
      removeFile(checksumsPath);
    },
    publish: async (manifest) => {
      workshop.assertHeld();
      const checksums = checksumsText(listedFiles(manifest));
      // Without digests there is nothing to sum up, and an old file would be about other artifacts.
      if (checksums === "" && earlier !== undefined) removeFile(checksumsPath);
      const checksumsChanged = checksums !== "" && (await writeIfChanged(checksumsPath, checksums));
      return (await writeIfChanged(manifestPath, manifestText(manifest))) || checksumsChanged;
    },
  };
}

function readOwnManifest(directory: string): Manifest | undefined {
  try {
    return readManifest(directory);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw foreign(join(directory, manifestName), error);
  }
}

function foreign(path: string, cause?: Error): ProgramError {
  const message = `${path} was not made by bootstamp, and a build would replace it`;
  return new ProgramError("BUILD_FOREIGN_FILE", message, { path }, { cause });
}
