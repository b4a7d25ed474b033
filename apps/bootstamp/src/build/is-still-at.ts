import { fingerprintAt, sameFingerprint, type FileFingerprint } from "@bootstamp/byte-source";

/** Whether the file at `path` is the one that `fingerprint` was taken from, untouched since. */
export function isStillAt(path: string, fingerprint: FileFingerprint): boolean {
  const now = fingerprintAt(path);
  return now !== undefined && sameFingerprint(now, fingerprint);
}
