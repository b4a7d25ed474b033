import { sliceSource, type ByteSource } from "@bootstamp/byte-source";
import { describePartitions, type Partition } from "@bootstamp/layout";
import { maxCacheHold, type NbdExport, type NbdExtent } from "@bootstamp/nbd";
import { segmentIndexAt, type SegmentMap } from "@bootstamp/segment-map";
import type { ReadLayout } from "./open-image.ts";
import type { ReadableImage } from "./open-readable.ts";
import { exportWriter, type ImageWriter } from "./writing/image-writer.ts";

/** A raw image as it is shown to clients. */
export interface ImageView {
  readonly raw: ByteSource;
  /** Tells which parts need not be read; absent where nothing tells. May stop early. */
  readonly extents?: ((offset: number, length: number) => Extents) | undefined;
}

type Extents = Iterable<NbdExtent> | AsyncIterable<NbdExtent>;

export function viewOf({ raw, packed, extents }: ReadableImage): ImageView {
  return { raw, extents: extents ?? holesOf(packed?.map) };
}

/**
 * The whole image under the empty name, and each partition as `p1`, `p2` ... by its number. With a writer the whole can
 * be written to where the writer writes, and a partition if all of it can be.
 */
export function imageExports(
  { raw, extents: holes }: ImageView,
  { table, probes }: ReadLayout,
  writer?: ImageWriter,
): NbdExport[] {
  const whole = exportOf("", "the whole image", raw, 0, holes);
  const descriptions = describePartitions(table, probes);
  const parts = table.partitions.map((partition, index) => {
    const { number, offset, length } = partition;
    const source = sliceSource(raw, offset, length);
    const served = exportOf(`p${number}`, descriptions[index] ?? "", source, offset, holes);
    return {
      partition,
      served: writer?.covers(offset, length) === true ? writable(served, writer, offset) : served,
    };
  });
  const served = parts.filter(({ partition }) => hasContent(partition)).map((part) => part.served);
  return [writer === undefined ? whole : writable(whole, writer, 0), ...served];
}

function writable(exported: NbdExport, writer: ImageWriter, start: number): NbdExport {
  return { ...exported, writer: exportWriter(writer, start) };
}

/** An extended partition only contains others, and 0 is the number of an image without a table. */
function hasContent({ placement, number }: Partition): boolean {
  return placement !== "extended" && number > 0;
}

function exportOf(
  name: string,
  description: string,
  source: ByteSource,
  start: number,
  holes: ImageView["extents"],
): NbdExport {
  return {
    name,
    description,
    length: source.length,
    read: async (offset, length, signal) => await source.read(offset, length, signal),
    cache: async (offset, length, signal) => await readThrough(source, offset, length, signal),
    ...(holes === undefined ? {} : { extents: (offset, length) => holes(start + offset, length) }),
  };
}

/** Reads a range and drops it: what is kept of it is for its source to say. */
async function readThrough(
  source: ByteSource,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<void> {
  const end = offset + length;
  for (let at = offset; at < end && !signal.aborted; at += maxCacheHold)
    await source.read(at, Math.min(maxCacheHold, end - at), signal);
}

/** Segments of zeros are holes. Of a raw image nothing is known. */
function holesOf(map: SegmentMap | undefined): ImageView["extents"] {
  if (map === undefined) return undefined;
  return function* extents(offset, length): Generator<NbdExtent> {
    const end = offset + length;
    for (let index = segmentIndexAt(map, offset); index < map.segments.length; index++) {
      const segment = map.segments[index];
      if (segment === undefined || segment.rawOffset >= end) return;
      const from = Math.max(offset, segment.rawOffset);
      const zero = segment.kind === "zero";
      yield { length: Math.min(end, segment.rawOffset + segment.rawLength) - from, hole: zero, zero };
    }
  };
}
