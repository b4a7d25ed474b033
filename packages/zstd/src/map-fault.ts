import { MapError } from "@bootstamp/segment-map";

/** The fault of a seek table or record whose bytes cannot be one. */
export function damaged(detail: string): MapError {
  return new MapError("MAP_DAMAGED", `the zstd map is damaged: ${detail}`);
}

/** The fault of a seek table or record that belongs to another file, or to one that is no longer whole. */
export function inconsistent(detail: string): MapError {
  return new MapError("MAP_INCONSISTENT", `the zstd map does not fit the file: ${detail}`);
}
