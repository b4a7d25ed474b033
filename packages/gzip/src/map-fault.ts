import { MapError } from "@bootstamp/segment-map";

/** The fault of a map whose bytes cannot be a map. */
export function damaged(detail: string): MapError {
  return new MapError("MAP_DAMAGED", `the gzip map is damaged: ${detail}`);
}

/** The fault of a map that belongs to another file, or to one that is no longer whole. */
export function inconsistent(detail: string): MapError {
  return new MapError("MAP_INCONSISTENT", `the gzip map does not fit the file: ${detail}`);
}

/** The fault of a good file that has no map of ours. */
export function missing(detail: string): MapError {
  return new MapError("MAP_MISSING", `a gzip file without a map: ${detail}`);
}
