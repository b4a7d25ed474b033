import { copyFileSync, constants, lstatSync } from "node:fs";
import { basename, join } from "node:path";
import { FileSource, fingerprintAt, type FileFingerprint } from "@bootstamp/byte-source";
import type { Digester } from "@bootstamp/stamp";
import { writeWholeFile } from "@bootstamp/whole-file";
import { formats } from "../formats.ts";
import { isUrl } from "../open-container.ts";
import { ProgramError } from "../program-error.ts";
import { isStillAt } from "./is-still-at.ts";
import type { StampableRecord } from "./manifest.ts";
import type { Stampable } from "./press-base.ts";
import type { PublishedRecords } from "./published-records.ts";
import type { Workshop } from "./workshop.ts";
import { LedgerShelf } from "./ledger-shelf.ts";

/** What the ledger keeps of a base that stands beside its stamps. */
interface KnownStampBase {
  readonly identity: string;
  /** Absent while it is being put there. */
  readonly fingerprint?: FileFingerprint;
  readonly sha256?: string;
}

export interface StampBaseContext {
  readonly workshop: Workshop;
  readonly records: PublishedRecords;
  readonly digester: Digester;
  readonly signal: AbortSignal;
}

export const stampBaseShelf: LedgerShelf<KnownStampBase> = new LedgerShelf("stamp-base");

/** The name that the base of an image, a path or a URL, has beside its stamps: what unpacks to the image's own name. */
export function stampBaseName(image: string, extension: string): string {
  const name = basename(isUrl(image) ? new URL(image).pathname : image);
  const packed = formats.find((format) => name.endsWith(format.extension));
  return (packed === undefined ? name : basename(name, packed.extension)) + extension;
}

/**
 * Puts the stampable image beside the stamps that are for it, unless an earlier run did, and returns its record.
 * @throws ProgramError `BUILD_FOREIGN_FILE` if a file that no build made is in its place.
 */
export async function putStampBase(
  image: string,
  { file: stampable, format, record }: Stampable,
  { workshop, records, digester, signal }: StampBaseContext,
): Promise<StampableRecord> {
  const file = stampBaseName(image, format.extension);
  const path = join(workshop.outputDirectory, file);
  const { ledger } = workshop;
  const known = stampBaseShelf.get(ledger, file);
  const { identity } = record;
  if (known?.identity === identity && known.sha256 !== undefined) {
    const { fingerprint, sha256 } = known;
    if (fingerprint !== undefined && isStillAt(path, fingerprint)) return { ...record, file, sha256 };
  }
  refuseForeign(path, known !== undefined || isListed(records, file));
  const sha256 = await digester.digest({ file: stampable, signal });
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) records.withdraw();
  // Before it is there: after a kill it must not be taken for somebody else's.
  stampBaseShelf.set(ledger, file, { identity });
  await writeWholeFile(path, async (temporaryPath) => {
    copyFileSync(stampable.path, temporaryPath, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    FileSource.reopen(stampable.path, stampable.fingerprint).close();
  });
  const fingerprint = fingerprintAt(path);
  if (fingerprint !== undefined) stampBaseShelf.set(ledger, file, { identity, fingerprint, sha256 });
  return { ...record, file, sha256 };
}

function isListed({ earlier }: PublishedRecords, file: string): boolean {
  const names = [...(earlier?.stampables ?? []), ...(earlier?.artifacts ?? [])].map((each) => each.file);
  return names.includes(file);
}

/** It has the name that people give to a compressed image, which may be the only copy of it. */
function refuseForeign(path: string, isKnown: boolean): void {
  if (isKnown || lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  const message = `${path} was not made by bootstamp, and the base for the stamps would replace it`;
  throw new ProgramError("BUILD_FOREIGN_FILE", message, { path });
}
