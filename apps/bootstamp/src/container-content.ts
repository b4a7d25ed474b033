import type { ByteSource } from "@bootstamp/byte-source";
import { isGzip } from "@bootstamp/gzip-index";
import { isQcow2, openQcow2, type Qcow2Source } from "@bootstamp/qcow2";
import { MapError, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import { formats } from "./formats.ts";

/** A compressed file whose segments are known. */
export interface PackedImage {
  readonly format: StreamFormat;
  readonly map: SegmentMap;
}

/** How much of a segment map is read: to read segments the outline will do, to stamp it takes the map. */
export type MapPart = "outline" | "map";

/** How a file holds an image. */
export type ContainerContent =
  | { readonly kind: "raw" }
  | { readonly kind: "qcow2"; readonly disk: Qcow2Source }
  | { readonly kind: "packed"; readonly packed: PackedImage }
  | ForeignGzip;

/** A .gz that anyone may have made. */
export interface ForeignGzip {
  readonly kind: "foreign-gzip";
  readonly format: StreamFormat;
  /** Why it cannot be stamped. */
  readonly missing: MapError;
}

/**
 * Finds out how a file holds an image, by its first bytes, and reads what there is to read of its structure.
 * @throws MapError `MAP_*`; Qcow2Error; what reading throws.
 */
export async function contentOf(file: ByteSource, part: MapPart): Promise<ContainerContent> {
  const start = await file.read(0, Math.min(16, file.length));
  if (isQcow2(start)) return { kind: "qcow2", disk: await openQcow2(file) };
  const format = formatOf(start);
  if (format === undefined) return { kind: "raw" };
  try {
    const map = await (part === "map" ? format.readMap(file) : format.readOutline(file));
    return { kind: "packed", packed: { format, map } };
  } catch (error) {
    if (!(error instanceof MapError) || error.code !== "MAP_MISSING" || !isGzip(start)) throw error;
    return { kind: "foreign-gzip", format, missing: error };
  }
}

/** The format that a file's first bytes are of; undefined for any other file. */
export async function formatOfFile(file: ByteSource): Promise<StreamFormat | undefined> {
  return formatOf(await file.read(0, Math.min(16, file.length)));
}

function formatOf(start: Uint8Array): StreamFormat | undefined {
  return formats.find((each) => each.recognises(start));
}
