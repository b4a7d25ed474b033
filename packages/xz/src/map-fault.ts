import { MapError } from "@bootstamp/segment-map";

/** The fault of bytes around the blocks that break the format's rules. */
export function damaged(detail: string): MapError {
  return new MapError("MAP_DAMAGED", `the xz file is damaged: ${detail}`);
}

/** The fault of parts that are each good but do not fit together. */
export function inconsistent(detail: string): MapError {
  return new MapError("MAP_INCONSISTENT", `the parts of the xz file do not fit: ${detail}`);
}

/** The fault of a good file that uses what this program does not read. */
export function missing(detail: string): MapError {
  return new MapError("MAP_MISSING", `an xz file that cannot be stamped: ${detail}`);
}

/** The fault of reserved bits: the format has grown. */
export function newer(detail: string): MapError {
  return new MapError("MAP_VERSION", `an xz file of a newer kind: ${detail}`);
}
