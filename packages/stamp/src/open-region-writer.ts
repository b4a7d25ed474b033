import { crc32 } from "@bootstamp/crc";
import {
  type Extent,
  extentEnd,
  joinExtents,
  MapError,
  type SegmentMap,
  storedExtents,
  type StreamFormat,
} from "@bootstamp/segment-map";
import { explainWriteFailure } from "@bootstamp/whole-file";
import { holdFile } from "./hold-file.ts";
import type { InPlaceFile, InPlaceFiles } from "./in-place-files.ts";
import { localFiles } from "./local-files.ts";
import { openTarget } from "./open-target.ts";
import { type OpenRegions, RegionWriter } from "./region-writer.ts";
import { StampError } from "./stamp-error.ts";
import { stampableIdentity } from "./stampable-identity.ts";
import { crcOfStored, crcWith, type StoredFile, unitsOf } from "./stored-units.ts";
import type { UnsealedMark } from "./unsealed-mark.ts";

export interface RegionWriterRequest {
  /** The stampable file. What was cut off in it must have been brought in order: see `recoverInPlace`. */
  readonly path: string;
  readonly format: StreamFormat;
  /** What may be written to: raw extents. */
  readonly extents: readonly Extent[];
  /** What does the work on the disk. Default: this machine's. */
  readonly files?: InPlaceFiles;
}

/**
 * Opens a stampable file for writing into what it stores, where that stands, and keeps others from changing it until
 * {@link RegionWriter.close}. A mark beside it, `.NAME.bootstamp-unsealed`, is there from the first write until then.
 *
 * Reads all that is stored, and checks what may be written to: damage would be sealed as if it were meant.
 * @throws StampError `STAMP_REGION_NOT_STORED`, `STAMP_IN_PLACE_BUSY`, `STAMP_IN_PLACE_LINKED`,
 * `STAMP_IN_PLACE_CUT_OFF`; MapError `MAP_SEGMENT_DAMAGED` and others of reading the map; WholeFileError.
 */
export async function openRegionWriter(request: RegionWriterRequest): Promise<RegionWriter> {
  const { files: disk = localFiles } = request;
  try {
    const path = disk.locate(request.path);
    const { files, unlock } = await holdFile(disk, path);
    try {
      const file = await openTarget(files, path);
      try {
        return new RegionWriter({ files, path, file, unlock, ...(await lookInto(file, request)) });
      } catch (error) {
        await file.close();
        throw error;
      }
    } catch (error) {
      unlock();
      throw error;
    }
  } catch (error) {
    throw explainWriteFailure(request.path, error);
  }
}

async function lookInto(
  packed: InPlaceFile,
  { path, format, extents: asked }: RegionWriterRequest,
): Promise<Pick<OpenRegions, "stored" | "extents" | "mark" | "unitCrcs">> {
  const map = await format.readMap(packed);
  const extents = joinExtents(asked);
  checkStored(map, extents, path);
  const stored = { format, map, packed };
  await checkSealed(stored, extents);
  const mark = await markOf(stored);
  return { stored, extents, mark, unitCrcs: await crcsOf(stored, extents) };
}

/** Every byte must be there to be overwritten: a file system that is told later that some are not is left in pieces. */
function checkStored(map: SegmentMap, extents: readonly Extent[], path: string): void {
  const stored = storedExtents(map);
  for (const { offset, length } of extents) {
    const inside = stored.find((each) => each.offset <= offset && extentEnd(each) > offset);
    const from = inside === undefined ? offset : extentEnd(inside);
    if (from >= offset + length) continue;
    throw new StampError(
      "STAMP_REGION_NOT_STORED",
      `${path}: of the ${length} bytes at offset ${offset}, those from ${from} on are not stored, and cannot be overwritten`,
      { path, offset, length, from },
    );
  }
}

async function checkSealed({ format, map, packed }: StoredFile, extents: readonly Extent[]): Promise<void> {
  for (const { offset, bytes } of await format.reseal(map, extents, packed)) {
    if (Buffer.compare(await packed.read(offset, bytes.length), bytes) === 0) continue;
    throw new MapError(
      "MAP_SEGMENT_DAMAGED",
      `the checksum at packed offset ${offset} is not that of the stored bytes that it is for`,
      { packedOffset: offset },
    );
  }
}

async function markOf(stored: StoredFile): Promise<UnsealedMark> {
  const { format, map, packed } = stored;
  return {
    format: format.name,
    fileLength: map.packedLength,
    identity: stampableIdentity(map),
    frozenCrc32: await frozenCrc32(stored),
    fields: await format.reseal(map, [], packed),
  };
}

async function frozenCrc32(stored: StoredFile): Promise<number> {
  const { rawCrc32, rawLength } = stored.map;
  if (rawCrc32 === undefined) return 0;
  let crc = rawCrc32;
  for (const unit of unitsOf(storedExtents(stored.map))) {
    const before = await crcOfStored(stored, unit);
    crc = crcWith(crc, rawLength, unit, { before, after: crc32.zeros(unit.length) });
  }
  return crc;
}

async function crcsOf(
  stored: StoredFile,
  extents: readonly Extent[],
): Promise<Map<number, number> | undefined> {
  if (stored.map.rawCrc32 === undefined) return undefined;
  const crcs = new Map<number, number>();
  for (const unit of unitsOf(extents)) crcs.set(unit.offset, await crcOfStored(stored, unit));
  return crcs;
}
