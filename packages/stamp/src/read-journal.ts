import type { Overwrite } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import type { InPlaceFile } from "./in-place-files.ts";
import {
  crcLength,
  headLength,
  type JournalHead,
  journalMagic,
  journalVersion,
  recordHeadLength,
  recordLength,
  sectorCount,
} from "./journal.ts";
import { StampError } from "./stamp-error.ts";

/** What a journal says of one stretch of the file. */
export interface JournalRecord {
  /** What was there before the change. */
  readonly old: Overwrite;
  /** CRC-32 of the new bytes of each part of a sector. */
  readonly newCrcs: readonly number[];
}

const windowLength = 1 << 20;

/**
 * Reads the head of a journal, or undefined if the journal is torn: it was not yet complete when the power went, and so
 * nothing of the change was written. @throws StampError `STAMP_JOURNAL_FOREIGN`, `STAMP_JOURNAL_VERSION`.
 */
export async function readJournalHead(journal: InPlaceFile, path: string): Promise<JournalHead | undefined> {
  const head = Buffer.from(await journal.read(0, Math.min(headLength, journal.length)));
  checkMagic(head, path);
  if (journal.length < headLength + crcLength || isZeros(head)) return undefined;
  const version = head.readUInt16LE(8);
  if (version !== journalVersion) {
    throw new StampError(
      "STAMP_JOURNAL_VERSION",
      `${path} is a journal of version ${version}, this program knows ${journalVersion}`,
      { journal: path, version },
    );
  }
  if (Number(head.readBigUInt64LE(24)) !== journal.length || !(await isWhole(journal))) return undefined;
  return {
    recordCount: head.readUInt32LE(12),
    fileLength: Number(head.readBigUInt64LE(16)),
    journalLength: journal.length,
  };
}

/** The records of a journal whose head could be read. @throws StampError `STAMP_JOURNAL_FOREIGN`. */
export async function* journalRecords(
  journal: InPlaceFile,
  path: string,
  { recordCount, fileLength, journalLength }: JournalHead,
): AsyncGenerator<JournalRecord> {
  let at = headLength;
  let end = 0;
  const left = (): number => journalLength - crcLength - at;
  for (let count = 0; count < recordCount; count++) {
    if (left() < recordHeadLength) throw foreign(path, `its record ${count} is cut short`);
    const head = Buffer.from(await journal.read(at, recordHeadLength));
    const offset = Number(head.readBigUInt64LE());
    const length = head.readUInt32LE(8);
    const fits = offset >= end && length > 0 && length <= recordLength && offset + length <= fileLength;
    const size = 4 * sectorCount(offset, length) + length;
    if (!fits || left() < recordHeadLength + size) {
      throw foreign(path, `its record ${count} is of ${length} bytes at offset ${offset}`);
    }
    yield parseRecord(offset, length, await journal.read(at + recordHeadLength, size));
    at += recordHeadLength + size;
    end = offset + length;
  }
  if (left() !== 0) throw foreign(path, `${left()} bytes follow its last record`);
}

function parseRecord(offset: number, length: number, bytes: Uint8Array): JournalRecord {
  const crcs = Buffer.from(bytes.subarray(0, bytes.length - length));
  const newCrcs = Array.from({ length: crcs.length / 4 }, (_, index) => crcs.readUInt32LE(4 * index));
  return { old: { offset, bytes: bytes.subarray(bytes.length - length) }, newCrcs };
}

/** A torn journal has its magic, a beginning of it, or zeros there: they lie in one sector. */
function checkMagic(head: Buffer, path: string): void {
  const found = head.subarray(0, journalMagic.length);
  if (isZeros(found) || found.equals(journalMagic.subarray(0, found.length))) return;
  throw foreign(path, "it begins otherwise");
}

async function isWhole(journal: InPlaceFile): Promise<boolean> {
  const end = journal.length - crcLength;
  let crc = crc32.empty;
  for (let at = 0; at < end; at += windowLength) {
    crc = crc32.of(await journal.read(at, Math.min(windowLength, end - at)), crc);
  }
  return crc === Buffer.from(await journal.read(end, crcLength)).readUInt32LE();
}

function isZeros(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** The fault of something that is in a journal's place and is none. */
export function foreign(path: string, why: string): StampError {
  return new StampError("STAMP_JOURNAL_FOREIGN", `${path} is not a journal of this program: ${why}`, {
    journal: path,
  });
}
