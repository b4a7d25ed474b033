import { Fault } from "@bootstamp/fault";

/** Every code of {@link MapError}, which all stream formats throw; docs/ERRORS.md gives cause and cure. */
export const mapErrorCodes = [
  /** The bytes are not of this stream format at all. */
  "MAP_NOT_THIS_FORMAT",
  /** The format is right, but the file was not made to be stamped: it has no segment map. */
  "MAP_MISSING",
  /** The map is of a version that this program does not know. */
  "MAP_VERSION",
  /** The map's own bytes are damaged. */
  "MAP_DAMAGED",
  /** The map and the file do not belong together. */
  "MAP_INCONSISTENT",
  /** A segment does not decode to what the file says of it. Fields: `rawOffset`, `packedOffset`. */
  "MAP_SEGMENT_DAMAGED",
  /** The whole does not have the checksum or length that the file says. */
  "MAP_CHECKSUM",
  /** A patch reaches outside the stored extents. Fields: `offset`, `length`. */
  "MAP_PATCH_NOT_STORED",
  /** A patch replaces other bytes than the file has: it was made for another base. Fields: `offset`. */
  "MAP_PATCH_OTHER_BASE",
  /** An encode setting is not one that the format knows. */
  "MAP_SETTING",
  /** An engine broke off, or gave back what cannot be right. Fields: `engine`. */
  "MAP_ENGINE",
  /** What was asked to be stored is more than the format's map can hold. */
  "MAP_TOO_LARGE",
] as const;

export type MapErrorCode = (typeof mapErrorCodes)[number];

export class MapError extends Fault<MapErrorCode> {}
