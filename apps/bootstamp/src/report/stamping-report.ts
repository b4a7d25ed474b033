import type { Patch } from "@bootstamp/byte-source";
import { type SegmentMap, stampingCost, type StampingCost } from "@bootstamp/segment-map";
import { countText, sizeText } from "./quantity.ts";
import type { Reporter } from "./reporter.ts";

/** Which way a patch takes into a stampable image, and what that costs. */
export interface StampingWay extends StampingCost {
  readonly way: "in-place" | "splice";
  /** Bytes of the raw image that the patch covers, and in how many places. */
  readonly patchedBytes: number;
  readonly places: number;
}

/** Finds out which way a patch takes. Reads nothing. */
export function stampingWay(map: SegmentMap, patch: Patch): StampingWay {
  const extents = patch.map(({ offset, bytes }) => ({ offset, length: bytes.length }));
  const cost = stampingCost(map, extents);
  return {
    way: cost.segments === 0 ? "in-place" : "splice",
    patchedBytes: extents.reduce((sum, { length }) => sum + length, 0),
    places: extents.length,
    ...cost,
  };
}

/** Says of one patch which way it would take. */
export function tellWay(reporter: Reporter, path: string, map: SegmentMap, patch: Patch): void {
  const way = stampingWay(map, patch);
  reporter.tell({ event: "way", path, ...way }, [`would be  ${wayLine(way)}`]);
}

function wayLine({ way, patchedBytes, places, ...cost }: StampingWay): string {
  const patched = `${sizeText(patchedBytes)} in ${countText(places, "place")}`;
  if (way === "in-place") return `patched in place: ${patched}`;
  const { segments, rawBytes, packedBytes, movedBytes } = cost;
  return `spliced for ${patched}: ${countText(segments, "segment")} of ${sizeText(rawBytes)} compressed again to about ${sizeText(packedBytes)}; up to ${sizeText(movedBytes)} behind them move`;
}

/** The cells of a table's row, under {@link wayColumns}. */
export function wayCells(name: string, { way, patchedBytes, ...cost }: StampingWay): string[] {
  if (way === "in-place") return [name, "in place", sizeText(patchedBytes), "", "", ""];
  const { segments, rawBytes, movedBytes } = cost;
  return [name, "splice", sizeText(patchedBytes), String(segments), sizeText(rawBytes), sizeText(movedBytes)];
}

export const wayColumns = [
  { title: "variant" },
  { title: "way" },
  { title: "changes", align: "right" },
  { title: "segments", align: "right" },
  { title: "compressed again", align: "right" },
  { title: "behind them", align: "right" },
] as const;
