import { crc32 } from "node:zlib";
import { sameFingerprint, type FileFingerprint, type FileSource } from "@bootstamp/byte-source";
import type { SegmentMap } from "@bootstamp/segment-map";
import type { Ledger } from "./ledger.ts";
import { LedgerShelf } from "./ledger-shelf.ts";

/** What the ledger keeps of a base's checksum. */
interface KnownCrc {
  readonly fingerprint: FileFingerprint;
  readonly rawCrc32: number;
}

export const baseCrcShelf: LedgerShelf<KnownCrc> = new LedgerShelf("base-crc");

const windowLength = 1 << 20;

/** CRC-32 of the base: as one of the stampable images has it, or the ledger, else by reading it all. */
export async function baseCrc32(
  file: FileSource,
  stampables: readonly { readonly map: SegmentMap }[],
  ledger: Ledger,
  signal: AbortSignal,
): Promise<number> {
  const said = stampables.find(({ map }) => map.base !== undefined)?.map.base;
  if (said !== undefined) return said.rawCrc32;
  const known = baseCrcShelf.get(ledger, file.path);
  if (known !== undefined && sameFingerprint(known.fingerprint, file.fingerprint)) return known.rawCrc32;
  let rawCrc32 = 0;
  for (let at = 0; at < file.length; at += windowLength) {
    signal.throwIfAborted();
    rawCrc32 = crc32(await file.read(at, Math.min(windowLength, file.length - at)), rawCrc32);
  }
  rememberBaseCrc(ledger, file, rawCrc32);
  return rawCrc32;
}

/** Keeps the CRC-32 of a base that was read for something else. */
export function rememberBaseCrc(ledger: Ledger, file: FileSource, rawCrc32: number): void {
  baseCrcShelf.set(ledger, file.path, { fingerprint: file.fingerprint, rawCrc32 });
}
