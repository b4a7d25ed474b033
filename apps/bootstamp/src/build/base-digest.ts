import { sameFingerprint, type FileFingerprint, type FileSource } from "@bootstamp/byte-source";
import type { Digester } from "@bootstamp/stamp";
import { ProgramError } from "../program-error.ts";
import type { Ledger } from "./ledger.ts";
import { LedgerShelf } from "./ledger-shelf.ts";

/** Values about an image that take a reading of all of it. */
interface KnownBase {
  readonly fingerprint: FileFingerprint;
  readonly sha256: string;
}

export const baseDigestShelf: LedgerShelf<KnownBase> = new LedgerShelf("base-digest");

/** The SHA-256 that a ledger has of a file, if that is as it was. */
export function knownDigest(ledger: Ledger, file: FileSource): string | undefined {
  const known = baseDigestShelf.get(ledger, file.path);
  return known && sameFingerprint(known.fingerprint, file.fingerprint) ? known.sha256 : undefined;
}

export interface BaseDigestRequest {
  readonly file: FileSource;
  /** For messages. */
  readonly name: string;
  /** In lower-case hex; absent: whatever it is. */
  readonly expected: string | undefined;
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal;
}

/**
 * The base's SHA-256: from the ledger, if there is one, while the file is as it was, else by reading it all.
 * @throws ProgramError `BUILD_BASE_DIGEST` if it is not what was expected.
 */
export async function baseDigest(
  { file, name, expected, onProgress, signal }: BaseDigestRequest,
  ledger: Ledger | undefined,
  digester: Digester,
): Promise<string> {
  const known = ledger && knownDigest(ledger, file);
  const sha256 = known ?? (await digester.digest({ file, onProgress, signal }));
  if (known === undefined && ledger !== undefined)
    baseDigestShelf.set(ledger, file.path, { fingerprint: file.fingerprint, sha256 });
  if (expected !== undefined && expected !== sha256) {
    throw new ProgramError(
      "BUILD_BASE_DIGEST",
      `the raw image of ${name} has SHA-256 ${sha256}, expected ${expected}`,
      {
        path: name,
        got: sha256,
        expected,
      },
    );
  }
  return sha256;
}
