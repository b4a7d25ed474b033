// Where the seek table of a file of ours is, which has an entry for each segment, in order, and one for the record.
import type { MapHead, SegmentMap } from "@bootstamp/segment-map";
import { checksumFlag, tableLength } from "./seek-table.ts";

/** Whether a file of ours has this map: others keep nothing of a base. */
export function isOwn(map: MapHead): boolean {
  return map.base !== undefined;
}

/** Where the seek table begins in the file, and the record ends. Files of ours only. */
export function ownTableOffset({ packedLength, segments }: SegmentMap): number {
  return packedLength - tableLength(Math.max(segments.length, 1) + 1, checksumFlag);
}
