import {
  type ByteSource,
  checkOverwrites,
  joinedSource,
  MemorySource,
  overwrittenSource,
  sliceSource,
} from "@bootstamp/byte-source";
import { type Extent, extentEnd, type SplicedPart, splicedParts } from "@bootstamp/segment-map";
import { crcAfter } from "@bootstamp/stamp";
import { explainWriteFailure } from "@bootstamp/whole-file";
import { keepLength } from "./keep-length.ts";
import { repack, type RepackedPatch, type RepackRequest, type SpooledSegment } from "./repack.ts";
import type { Spool } from "./spool.ts";

/** A spliced file that needs only be written. */
export interface PreparedSplice extends RepackedPatch {
  /** All of its bytes. Good while the spool is open. */
  readonly content: ByteSource;
  /** Where it has other bytes than the old file has at the same offset, or may have. */
  readonly changed: readonly Extent[];
  /** CRC-32 of its raw bytes; absent where the format keeps none. */
  readonly rawCrc32: number | undefined;
}

/**
 * Packs anew what a patch touches, seals the rest, and works out how the file is put together.
 * @throws as {@link repack}; WholeFileError of the spool.
 */
export async function prepareSplice(request: RepackRequest, spool: Spool): Promise<PreparedSplice> {
  try {
    return await prepare(request, spool);
  } catch (error) {
    // Nothing else is written here, whichever thread it was.
    throw explainWriteFailure(spool.path, error);
  }
}

async function prepare(request: RepackRequest, spool: Spool): Promise<PreparedSplice> {
  const { format, map, stampable, patch } = request;
  const repacked = await repack(request, spool);
  const kept = await keepLength(format, map, repacked.segments, spool);
  const segments = kept ?? repacked.segments;
  const rawCrc32 = crcAfter(map, patch);
  const seal = await format.seal(map, repacked.stored, stampable);
  checkOverwrites(stampable.length, seal.writes);
  const sealed = overwrittenSource(stampable, seal.writes);
  const splice = await format.splice({ ...map, rawCrc32: seal.rawCrc32 }, segments, rawCrc32, sealed);
  const parts = splicedParts(map, segments, splice);
  const sourceOf = (part: SplicedPart): ByteSource => {
    if (part.kind === "kept") return sliceSource(sealed, part.offset, part.length);
    if (part.kind === "frame") return new MemorySource(part.bytes);
    return spool.source(placeOf(segments, part), part.length);
  };
  const written = seal.writes.map(({ offset, bytes }) => ({ offset, length: bytes.length }));
  return {
    ...repacked,
    segments,
    content: joinedSource(parts.map(sourceOf)),
    changed: changedExtents(parts, written),
    rawCrc32,
  };
}

function placeOf(
  segments: readonly SpooledSegment[],
  { segment }: SplicedPart & { readonly kind: "new" },
): number {
  const spooled = segments.find((each) => each === segment);
  if (spooled === undefined) throw new Error("internal error: a new segment that was never packed");
  return spooled.spoolOffset;
}

/** @param written what seals overwrite in the old file. */
function changedExtents(parts: readonly SplicedPart[], written: readonly Extent[]): Extent[] {
  const changed: Extent[] = [];
  let offset = 0;
  for (const part of parts) {
    const extent = { offset, length: part.length };
    if (part.kind !== "kept" || part.offset !== offset) changed.push(extent);
    else changed.push(...within(written, extent));
    offset += part.length;
  }
  return changed;
}

function within(extents: readonly Extent[], bounds: Extent): Extent[] {
  return extents
    .map((extent) => {
      const offset = Math.max(extent.offset, bounds.offset);
      return { offset, length: Math.min(extentEnd(extent), extentEnd(bounds)) - offset };
    })
    .filter(({ length }) => length > 0);
}
