import { type ByteSource, checkOverwrites, type Patch } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { checkReplaced, type StreamFormat } from "@bootstamp/segment-map";
import { explainWriteFailure } from "@bootstamp/whole-file";
import type { InPlaceFiles } from "./in-place-files.ts";
import { localFiles } from "./local-files.ts";
import { overwriteInPlace, type PlannedChange } from "./overwrite-in-place.ts";
import { overwrittenCrc64nvme } from "./overwritten-crc.ts";
import { StampError } from "./stamp-error.ts";
import type { Stamped } from "./stamp-file.ts";
import { verifyStamped } from "./verify-stamped.ts";

export interface InPlaceRequest {
  /** The file that is changed: a stampable image, or a raw one. */
  readonly path: string;
  /** Of the file; absent if it is the raw image itself. */
  readonly format?: StreamFormat;
  readonly patch: Patch;
  /** CRC-64/NVME of the file's bytes as they are: gives that of the changed ones. */
  readonly crc64nvme?: bigint;
  readonly signal?: AbortSignal;
  /** What does the work on the disk. Default: this machine's. */
  readonly files?: InPlaceFiles;
}

/**
 * Stamps a file where it is, for those who have no room for another: the file becomes the artifact.
 *
 * A journal beside it, `.NAME.bootstamp-journal`, holds what is overwritten until the artifact is synced and read back.
 * Whatever cuts that off, the file is afterwards as it was, at once or by {@link recoverInPlace}, which this calls too.
 * Needs room for the journal, which is as long as the patch and a little more; costs O(patch).
 * @throws MapError `MAP_PATCH_NOT_STORED`, `MAP_PATCH_OTHER_BASE` and others of reading the map; StampError
 * `STAMP_VERIFY_FAILED`, `STAMP_IN_PLACE_*`, `STAMP_JOURNAL_*`; WholeFileError; the signal's reason. After any but
 * `STAMP_IN_PLACE_NOT_UNDONE`, `STAMP_JOURNAL_*` and `STAMP_IN_PLACE_BUSY`, where another has the file, it is as it was;
 * or stamped as a whole, if all that failed was the last sync of all.
 */
export async function stampInPlace(request: InPlaceRequest): Promise<Stamped> {
  const { path, format, patch, crc64nvme, signal, files = localFiles } = request;
  const plan = async (file: ByteSource): Promise<PlannedChange<Stamped>> => {
    const seal = format === undefined ? await planRaw(file, patch) : await planPacked(format, file, patch);
    const packedCrc64nvme =
      crc64nvme === undefined ? undefined : await overwrittenCrc64nvme(crc64nvme, file, seal.overwrites);
    const { overwrites, rawCrc32, check } = seal;
    return {
      overwrites,
      check,
      outcome: { length: file.length, rawCrc32, packedCrc64nvme, writes: overwrites },
    };
  };
  try {
    return await overwriteInPlace(files, path, plan, signal);
  } catch (error) {
    throw explainWriteFailure(path, error);
  }
}

export type PlannedSeal = Omit<PlannedChange<unknown>, "outcome"> & Pick<Stamped, "rawCrc32">;

async function planPacked(format: StreamFormat, file: ByteSource, patch: Patch): Promise<PlannedSeal> {
  const map = await format.readMap(file);
  const { writes, rawCrc32 } = await format.seal(map, patch, file);
  checkOverwrites(file.length, writes);
  const check = async (changed: ByteSource): Promise<void> =>
    await verifyStamped(format, map, patch, changed);
  return { overwrites: writes, rawCrc32, check };
}

/** Looks whether a patch is for the raw image `file`, and how to see afterwards that it is in it. */
export async function planRaw(file: ByteSource, patch: Patch): Promise<PlannedSeal> {
  checkOverwrites(file.length, patch);
  const found = await crcsOf(file, patch);
  checkReplaced(patch, found);
  const check = async (changed: ByteSource): Promise<void> => {
    const now = await crcsOf(changed, patch);
    const wrong = patch.find(({ bytes }, index) => crc32.of(bytes) !== now[index]);
    if (wrong === undefined) return;
    const { offset } = wrong;
    throw new StampError(
      "STAMP_VERIFY_FAILED",
      `a stamped image does not hold the patch: the bytes from ${offset} on are others than were written`,
      { offset },
    );
  };
  return { overwrites: patch, rawCrc32: undefined, check };
}

const windowLength = 1 << 20;

/** CRC-32 of what the file has in the place of each run. */
async function crcsOf(file: ByteSource, patch: Patch): Promise<number[]> {
  const crcs: number[] = [];
  for (const { offset, bytes } of patch) {
    let crc = crc32.empty;
    for (let done = 0; done < bytes.length; done += windowLength) {
      crc = crc32.of(await file.read(offset + done, Math.min(windowLength, bytes.length - done)), crc);
    }
    crcs.push(crc);
  }
  return crcs;
}
