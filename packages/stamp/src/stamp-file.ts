import { lstatSync } from "node:fs";
import { type ByteSource, checkOverwrites, FileSource, type Patch } from "@bootstamp/byte-source";
import type { PackedWrite, SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import { writeWholeFile } from "@bootstamp/whole-file";
import { cloneFile } from "./clone-file.ts";
import { overwrittenCrc64nvme } from "./overwritten-crc.ts";
import { promptSource } from "./prompt-source.ts";
import { StampError } from "./stamp-error.ts";
import { verifyStamped } from "./verify-stamped.ts";

export interface StampRequest {
  readonly format: StreamFormat;
  /** What `format.readMap` gave for `stampable`. */
  readonly map: SegmentMap;
  /** A file is cloned; of any other source, all bytes are read. */
  readonly stampable: ByteSource;
  readonly patch: Patch;
  /** Where the artifact goes; replaced if it is there. */
  readonly output: string;
  /** CRC-64/NVME of the stampable file's bytes: gives that of the artifact's. */
  readonly stampableCrc64nvme?: bigint;
  /** Whether the patched bytes are read back before the artifact is published. Default: yes. */
  readonly verify?: boolean;
  readonly signal?: AbortSignal;
}

export interface Stamped {
  readonly length: number;
  /** CRC-32 of the raw bytes; absent where the format keeps none. */
  readonly rawCrc32: number | undefined;
  /** CRC-64/NVME of the artifact's own bytes; absent where the stampable's was not given. */
  readonly packedCrc64nvme: bigint | undefined;
  /** Where the artifact differs from the stampable file: what a digest of it needs. */
  readonly writes: readonly PackedWrite[];
}

/**
 * Makes an artifact: a clone of the stampable file with the patch and the right checksums in it.
 *
 * It appears at `output` when it is complete, synced and read back, or not at all. Costs O(patch) beside the clone.
 * @throws MapError `MAP_PATCH_NOT_STORED`, `MAP_PATCH_OTHER_BASE`; SourceError `SOURCE_CHANGED` if the stampable file
 * was written to or replaced since it was opened; WholeFileError; StampError; the signal's reason.
 */
export async function stampFile(request: StampRequest): Promise<Stamped> {
  const { format, map, stampable, patch, output, stampableCrc64nvme, verify = true, signal } = request;
  const packed = promptSource(stampable);
  const { writes, rawCrc32 } = await format.seal(map, patch, packed);
  checkOverwrites(stampable.length, writes);
  let packedCrc64nvme: bigint | undefined;
  const make = async (temporaryPath: string): Promise<void> => {
    signal?.throwIfAborted();
    refuseInput(stampable, output);
    await cloneFile(stampable, temporaryPath, writes);
    signal?.throwIfAborted();
  };
  // While the disk is at work.
  const check = async (temporaryPath: string): Promise<void> => {
    if (stampableCrc64nvme !== undefined) {
      packedCrc64nvme = await overwrittenCrc64nvme(stampableCrc64nvme, packed, writes);
    }
    if (verify) await verifyFile(format, map, patch, temporaryPath);
  };
  await writeWholeFile(output, make, check);
  return { length: stampable.length, rawCrc32, packedCrc64nvme, writes };
}

async function verifyFile(
  format: StreamFormat,
  map: SegmentMap,
  patch: Patch,
  temporaryPath: string,
): Promise<void> {
  const artifact = FileSource.open(temporaryPath);
  try {
    await verifyStamped(format, map, patch, promptSource(artifact));
  } finally {
    artifact.close();
  }
}

/**
 * Throws `STAMP_OUTPUT_IS_INPUT` if `output` is the stampable file: an image that is replaced by its first variant is lost
 * for all the others.
 */
export function refuseInput(stampable: ByteSource, output: string): void {
  if (!(stampable instanceof FileSource)) return;
  const there = lstatSync(output, { bigint: true, throwIfNoEntry: false });
  if (there === undefined || `${there.dev}:${there.ino}` !== stampable.fingerprint.inode) return;
  throw new StampError(
    "STAMP_OUTPUT_IS_INPUT",
    `cannot write ${output}: it is the stampable image that the variant is made from`,
    { path: output },
  );
}
