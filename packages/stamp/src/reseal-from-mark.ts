import { dirname } from "node:path";
import { overwrittenSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { MapError, type SegmentMap, storedExtents, type StreamFormat } from "@bootstamp/segment-map";
import { markPath } from "./beside-paths.ts";
import { checkOwner } from "./check-owner.ts";
import type { InPlaceFile, InPlaceFiles } from "./in-place-files.ts";
import { StampError } from "./stamp-error.ts";
import { stampableIdentity } from "./stampable-identity.ts";
import { crcOfStored, crcWith, type StoredFile, unitsOf } from "./stored-units.ts";
import { foreignMark, readMark, type UnsealedMark } from "./unsealed-mark.ts";

/** What there was to do: nothing, to remove the mark of writes that had not begun, or to make checksums right. */
export type Resealing = "clean" | "discarded" | "resealed";

/**
 * Makes the checksums of the file at `path` right for the bytes that it has, by the mark beside it. Reads all that is
 * stored, and nothing else. May itself be cut off at any point: the mark goes last, when the file is synced. The caller
 * holds the lock.
 */
export async function resealFromMark(
  files: InPlaceFiles,
  formats: readonly StreamFormat[],
  path: string,
): Promise<Resealing> {
  const place = markPath(path);
  const markFile = await files.open(place);
  if (markFile === undefined) return "clean";
  let mark: UnsealedMark | undefined;
  try {
    mark = await readMark(markFile, place);
    await resealBy({ mark, owner: markFile.owner, place, path }, files, formats);
  } finally {
    await markFile.close();
  }
  await files.remove(place);
  await files.syncDirectory(dirname(path));
  return mark === undefined ? "discarded" : "resealed";
}

interface FoundMark {
  /** Undefined if it is torn. */
  readonly mark: UnsealedMark | undefined;
  readonly owner: number;
  /** Where it is, and the file that it is beside. */
  readonly place: string;
  readonly path: string;
}

async function resealBy(
  found: FoundMark,
  files: InPlaceFiles,
  formats: readonly StreamFormat[],
): Promise<void> {
  const { mark, owner, place, path } = found;
  const file = await files.open(path);
  if (file === undefined) throw otherFile(place, `${path} is not there any more`);
  try {
    checkOwner(files, owner, file, () => foreignMark(place, `it belongs to user ${owner}`));
    if (mark === undefined) return;
    const format = formats.find(({ name }) => name === mark.format);
    if (format === undefined) throw foreignMark(place, `it is of a file of format ${mark.format}`);
    await resealAll(await storedBehind(mark, format, file, place), mark, file);
  } finally {
    await file.close();
  }
}

/** The file with the checksums over the whole as they once were: as they are, they may be torn. */
async function storedBehind(
  mark: UnsealedMark,
  format: StreamFormat,
  file: InPlaceFile,
  place: string,
): Promise<StoredFile> {
  if (file.length !== mark.fileLength) {
    throw otherFile(place, `it is of one of ${mark.fileLength} bytes, this one has ${file.length}`);
  }
  const packed = overwrittenSource(file, mark.fields);
  let map: SegmentMap;
  try {
    map = await format.readMap(packed);
  } catch (error) {
    if (!(error instanceof MapError)) throw error;
    throw otherFile(place, `the map of this one cannot be read: ${error.message}`, error);
  }
  if (stampableIdentity(map) !== mark.identity) throw otherFile(place, "this one was pressed otherwise");
  return { format, map, packed };
}

async function resealAll(stored: StoredFile, mark: UnsealedMark, file: InPlaceFile): Promise<void> {
  const { format, map, packed } = stored;
  const all = storedExtents(map);
  const rawCrc32 = map.rawCrc32 === undefined ? {} : { rawCrc32: await thawed(stored, mark.frozenCrc32) };
  for (const { offset, bytes } of await format.reseal({ ...map, ...rawCrc32 }, all, packed)) {
    await file.write(offset, bytes);
  }
  await file.sync();
}

/** CRC-32 of the raw image from that of one with zeros in place of what is stored. */
async function thawed(stored: StoredFile, frozenCrc32: number): Promise<number> {
  let crc = frozenCrc32;
  for (const unit of unitsOf(storedExtents(stored.map))) {
    const after = await crcOfStored(stored, unit);
    crc = crcWith(crc, stored.map.rawLength, unit, { before: crc32.zeros(unit.length), after });
  }
  return crc;
}

function otherFile(place: string, why: string, cause?: unknown): StampError {
  const message = `${place} is the mark of another file: ${why}`;
  return new StampError("STAMP_MARK_OTHER_FILE", message, { mark: place }, { cause });
}
