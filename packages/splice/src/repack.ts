import { availableParallelism } from "node:os";
import { extname } from "node:path";
import type { ByteSource, Patch, PatchRun } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { openSourceThreads, threadsWithinBudget } from "@bootstamp/press";
import {
  checkReplaced,
  dealPatch,
  type NewSegment,
  type Segment,
  segmentFault,
  type SegmentMap,
  type SplicePlan,
  type StreamFormat,
  type TouchedSegment,
  headOfMap,
} from "@bootstamp/segment-map";
import { Halt, mapInOrder, type ThreadPool } from "@bootstamp/threads";
import type { Repacked, RepackSetup, RepackTask, SegmentOverwrite } from "./repack-worker.ts";
import type { Spool } from "./spool.ts";

export interface RepackRequest {
  readonly format: StreamFormat;
  /** What `format.readMap` gave for `stampable`. */
  readonly map: SegmentMap;
  /** A file is read by the threads themselves, any other source through this thread. */
  readonly stampable: ByteSource;
  readonly patch: Patch;
  /** At most; fewer where the memory would not do. Default: one a core. */
  readonly threads?: number;
  readonly onProgress?: (progress: SpliceProgress) => void;
  readonly signal?: AbortSignal;
}

/** How many raw bytes of the segments that are packed anew are done. */
export interface SpliceProgress {
  readonly rawDone: number;
  readonly rawLength: number;
}

/** A new segment, and where in the spool its packed bytes are. */
export interface SpooledSegment extends NewSegment {
  readonly spoolOffset: number;
}

/** A patch, in parts that each lie in one segment and say what they replace there. */
export interface RepackedPatch {
  /** The part in segments that are packed anew, and these. */
  readonly anew: Patch;
  readonly segments: readonly SpooledSegment[];
  /** The part in stored segments. */
  readonly stored: Patch;
}

/**
 * Packs every segment that a patch touches anew, in threads, with the patch in it; but for stored ones, of which it only
 * reads what is replaced.
 * @throws MapError `MAP_PATCH_OTHER_BASE` as soon as a run of the patch shows it, `MAP_PATCH_NOT_STORED` for what is
 * beyond the image, `MAP_SEGMENT_DAMAGED`, `MAP_SETTING`; SourceError; the signal's reason.
 */
export async function repack(request: RepackRequest, spool: Spool): Promise<RepackedPatch> {
  const { format, map, stampable, patch, signal } = request;
  const touched = dealPatch(map, patch);
  const old = touched.map(({ segment }) => segment).filter(({ kind }) => kind !== "stored");
  const plan = await format.planSplice(map, old, stampable);
  using halt = new Halt(signal);
  const pool = openPool(request, plan, old.length, { spool, halt: halt.flag });
  const replace = async (one: TouchedSegment): Promise<Replaced> =>
    await halt.guard(async () => await replaceIn(request, plan, pool, spool, one));
  try {
    const rawLength = old.reduce((sum, segment) => sum + segment.rawLength, 0);
    return await collect(request, mapInOrder(touched, pool.threads + 1, replace), rawLength, halt);
  } catch (error) {
    throw halt.causeOf(error);
  } finally {
    await pool.close();
  }
}

/** Sorts what comes of the touched segments, in their order. */
async function collect(
  { patch, onProgress }: RepackRequest,
  replaced: AsyncIterable<Replaced>,
  rawLength: number,
  halt: Halt,
): Promise<RepackedPatch> {
  const parts = { anew: [] as PatchRun[], stored: [] as PatchRun[] };
  const segments: SpooledSegment[] = [];
  const found = patch.map(() => crc32.empty);
  let rawDone = 0;
  for await (const { one, crcs, made } of replaced) {
    parts[made === undefined ? "stored" : "anew"].push(...partsOf(one, crcs));
    for (const [index, { run, bytes }] of one.parts.entries()) {
      found[run] = crc32.combine(found[run] ?? crc32.empty, crcs[index] ?? 0, bytes.length);
    }
    try {
      checkEnded(patch, found, one);
    } catch (error) {
      halt.giveUp(error);
      throw error;
    }
    if (made === undefined) continue;
    segments.push(made);
    rawDone += one.segment.rawLength;
    onProgress?.({ rawDone, rawLength });
  }
  return { ...parts, segments };
}

type Pool = ThreadPool<RepackTask, Repacked>;

/** No more threads than there are segments: they cost more to start than most segments to pack. */
function openPool(
  request: RepackRequest,
  plan: SplicePlan,
  segmentCount: number,
  { spool, halt }: { readonly spool: Spool } & Pick<RepackSetup, "halt">,
): Pool {
  const { format, map, stampable, threads = availableParallelism() } = request;
  const { settings, largestPiece } = plan;
  const setup: RepackSetup = {
    moduleUrl: format.moduleUrl,
    map: headOfMap(map),
    settings,
    largestPiece,
    spool: spool.descriptor,
    halt,
  };
  const working = format.decoderMemory(map) + format.encoderMemory(settings, largestPiece);
  const within = threadsWithinBudget(
    { each: working + largestPiece, waiting: 0 },
    Math.min(threads, segmentCount),
  );
  const module = new URL(`./repack-worker${extname(import.meta.url)}`, import.meta.url);
  return openSourceThreads(module, stampable, setup, within);
}

/** What came of one touched segment: the CRC-32 of what each of its parts replaces, and the new segment if there is one. */
interface Replaced {
  readonly one: TouchedSegment;
  readonly crcs: readonly number[];
  readonly made: SpooledSegment | undefined;
}

async function replaceIn(
  { format, map, stampable, patch }: RepackRequest,
  plan: SplicePlan,
  pool: Pool,
  spool: Spool,
  one: TouchedSegment,
): Promise<Replaced> {
  const { index, segment } = one;
  const overwrites = overwritesOf(one, patch);
  if (segment.kind === "stored") {
    const crcs: number[] = [];
    for (const { offset, bytes } of overwrites) {
      crcs.push(crc32.of(await format.readStored(map, segment, stampable, offset, bytes.length)));
    }
    return { one, crcs, made: undefined };
  }
  const pieceLength = plan.pieceLength(segment);
  const spoolOffset = spool.reserve(roomFor(segment, pieceLength));
  const repacked = await pool.run({ segment, pieceLength, overwrites, spoolOffset });
  return { one, crcs: repacked.replacedCrcs, made: { index, pieces: repacked.pieces, spoolOffset } };
}

/**
 * Twice the raw bytes, and 64 KiB a piece: more than what does not compress comes to in any format.
 * @throws MapError `MAP_SEGMENT_DAMAGED` where a segment says that it has more bytes than any file.
 */
function roomFor(segment: Segment, pieceLength: number): number {
  const { rawLength } = segment;
  const room = 2 * rawLength + Math.ceil(rawLength / pieceLength) * (64 << 10);
  if (Number.isSafeInteger(room)) return room;
  throw segmentFault(segment, `the file says that it has ${rawLength} bytes, too many to pack anew`);
}

/** Copies, since a structured clone of a part of a buffer would take the whole buffer along. */
function overwritesOf({ segment, parts }: TouchedSegment, patch: Patch): SegmentOverwrite[] {
  return parts.map(({ run, offset, bytes }) => {
    const whole = patch[run]?.bytes.length === bytes.length;
    return {
      offset: segment.rawOffset + offset,
      bytes: new Uint8Array(bytes),
      replacedCrc32: whole ? patch[run]?.replacedCrc32 : undefined,
    };
  });
}

function partsOf({ segment, parts }: TouchedSegment, crcs: readonly number[]): PatchRun[] {
  return parts.map(({ offset, bytes }, index) => ({
    offset: segment.rawOffset + offset,
    bytes,
    replacedCrc32: crcs[index] ?? 0,
  }));
}

/** Holds the runs that end in this segment against what they should replace. */
function checkEnded(patch: Patch, found: readonly number[], { segment, parts }: TouchedSegment): void {
  const end = segment.rawOffset + segment.rawLength;
  for (const { run } of parts) {
    const whole = patch[run];
    if (whole === undefined || whole.offset + whole.bytes.length > end) continue;
    checkReplaced([whole], [found[run] ?? 0]);
  }
}
