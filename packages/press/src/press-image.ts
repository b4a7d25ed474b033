import { open, type FileHandle } from "node:fs/promises";
import { FileSource, writeAt, type ByteSource } from "@bootstamp/byte-source";
import { crc32, crc64nvme } from "@bootstamp/crc";
import {
  type EncodeSettings,
  type Extent,
  type FrameBuilder,
  type Piece,
  release,
  type SegmentMap,
  type StreamFormat,
  type StreamPlan,
} from "@bootstamp/segment-map";
import { mapInOrder, type ThreadPool } from "@bootstamp/threads";
import { writeWholeFile } from "@bootstamp/whole-file";
import type { EncodeSetup, PackedPiece } from "./encode-worker.ts";
import { threadsWithinBudget, type Workload } from "./memory-budget.ts";
import { PressError } from "./press-error.ts";
import { openSourceThreads } from "./source-threads.ts";
import { workerModule } from "./worker-module.ts";

/** Pieces a thread that are under way: two keep every thread busy while one is written; more would only hold memory. */
const piecesAhead = 2;

export interface PressRequest {
  /** A file is read by the threads themselves, any other through this thread. */
  readonly base: ByteSource;
  readonly format: StreamFormat;
  readonly settings: EncodeSettings;
  /** Raw extents that must be patchable: whole 4 KiB blocks, sorted and apart. */
  readonly stored: readonly Extent[];
  /** Where the stampable image goes; replaced if it is there. */
  readonly output: string;
  /** At most; fewer where the memory would not do. Default: one a core. */
  readonly threads?: number;
  readonly onProgress?: (progress: PressProgress) => void;
  readonly signal?: AbortSignal;
}

/** How far a press is, in bytes. */
export interface PressProgress {
  readonly rawDone: number;
  readonly rawLength: number;
  readonly packedDone: number;
}

export interface Pressed {
  readonly map: SegmentMap;
  readonly packedLength: number;
  readonly rawCrc32: number;
  /** CRC-64/NVME of the stampable file's own bytes. */
  readonly packedCrc64nvme: bigint;
}

/**
 * Compresses a base image into a stampable image, in threads, and puts it at `output` when it is complete.
 *
 * Memory stays within 400 MiB whatever the image's length, where one encoder alone does; runs of zeros cost little more
 * than reading them. The bytes depend on the base, `stored` and `settings` alone, not on the number of threads.
 * @throws SourceError `SOURCE_CHANGED` if the base is written to meanwhile, `SOURCE_TRUNCATED`; WholeFileError;
 * MapError `MAP_TOO_LARGE`; PressError `PRESS_SELF_CHECK`; the signal's reason.
 */
export async function pressImage(request: PressRequest): Promise<Pressed> {
  const { base, format, settings, stored, output } = request;
  const plan = format.plan(base.length, stored, settings);
  const setup: EncodeSetup = {
    moduleUrl: format.moduleUrl,
    settings,
    largestPiece: plan.largestPiece,
  };
  const threads = threadsWithinBudget(encoderWorkload(format, settings, plan), request.threads);
  const pool = openSourceThreads<Piece, PackedPiece>(workerModule("encode-worker"), base, setup, threads);
  try {
    return await writeWholeFile(output, async (temporaryPath) => {
      const totals = await writePacked(temporaryPath, request, plan, pool);
      if (base instanceof FileSource) base.assertUnchanged();
      return { ...totals, map: await readBack(temporaryPath, format, totals) };
    });
  } finally {
    await pool.close();
  }
}

/** Each thread has an encoder and a piece; and what came of a piece waits for its turn to be written. */
export function encoderWorkload(
  format: StreamFormat,
  settings: EncodeSettings,
  { largestPiece }: StreamPlan,
): Workload {
  return { each: format.encoderMemory(settings, largestPiece) + largestPiece, waiting: largestPiece };
}

type Totals = Omit<Pressed, "map">;

async function writePacked(
  path: string,
  request: PressRequest,
  plan: StreamPlan,
  pool: ThreadPool<Piece, PackedPiece>,
): Promise<Totals> {
  const frame = request.format.openFrame(plan, request.settings);
  const file = await open(path, "wx");
  try {
    const body = await writePieces(file, request, plan, pool, frame);
    const { head, tail } = frame.finish();
    await writeAt(file, head, 0);
    await writeAt(file, tail, body.packedLength);
    const withHead = crc64nvme.combine(
      crc64nvme.of(head),
      body.packedCrc64nvme,
      body.packedLength - plan.headLength,
    );
    return {
      packedLength: body.packedLength + tail.length,
      rawCrc32: body.rawCrc32,
      packedCrc64nvme: crc64nvme.combine(withHead, crc64nvme.of(tail), tail.length),
    };
  } finally {
    await file.close();
  }
}

/** Writes all pieces behind the room for the head. The CRC-64 in the result leaves the head out. */
async function writePieces(
  file: FileHandle,
  request: PressRequest,
  plan: StreamPlan,
  pool: ThreadPool<Piece, PackedPiece>,
  frame: FrameBuilder,
): Promise<Totals> {
  let packedEnd = plan.headLength;
  let rawCrc32 = crc32.empty;
  let packedCrc64nvme = crc64nvme.empty;
  const packPiece = async (piece: Piece): Promise<{ piece: Piece; packed: PackedPiece }> => ({
    piece,
    packed: await pool.run(piece),
  });
  for await (const { piece, packed } of mapInOrder(plan.pieces(), pool.threads * piecesAhead, packPiece)) {
    request.signal?.throwIfAborted();
    const { bytes, kind, note } = packed;
    await writeAt(file, bytes, packedEnd);
    const packedLength = bytes.length;
    release(bytes);
    frame.add({ piece, kind, packedLength, rawCrc32: packed.rawCrc32, note });
    packedEnd += packedLength;
    rawCrc32 = crc32.combine(rawCrc32, packed.rawCrc32, piece.rawLength);
    packedCrc64nvme = crc64nvme.combine(packedCrc64nvme, packed.packedCrc64nvme, packedLength);
    const rawDone = piece.rawOffset + piece.rawLength;
    request.onProgress?.({ rawDone, rawLength: plan.rawLength, packedDone: packedEnd });
  }
  return { packedLength: packedEnd, rawCrc32, packedCrc64nvme };
}

/** Reads the map out of the finished file: what cannot be found again must not be published. */
async function readBack(path: string, format: StreamFormat, totals: Totals): Promise<SegmentMap> {
  const written = FileSource.open(path);
  try {
    const map = await format.readMap(written);
    const claimed = map.rawCrc32 ?? totals.rawCrc32;
    if (written.length !== totals.packedLength || claimed !== totals.rawCrc32) {
      throw new PressError(
        "PRESS_SELF_CHECK",
        `internal error: wrote ${totals.packedLength} bytes for CRC-32 ${totals.rawCrc32}, read back ${written.length} bytes for ${claimed}`,
      );
    }
    return map;
  } finally {
    written.close();
  }
}
