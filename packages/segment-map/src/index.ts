export { checksumFault, type LikelyDamage } from "./checksum-fault.ts";
export { checkSameFile } from "./check-same-file.ts";
export { settingsOfEngine, describeEngine } from "./engine-choice.ts";
export { engineFault } from "./engine-fault.ts";
export { alignExtents, extentEnd, joinExtents, totalLength, type Extent } from "./extent.ts";
export { MapError, mapErrorCodes, type MapErrorCode } from "./map-error.ts";
export { offsetInStored } from "./offset-in-stored.ts";
export { packedWindows } from "./packed-windows.ts";
export { checkStorable, cutEvery, rawRuns, storableBlockLength } from "./raw-cuts.ts";
export { readAhead } from "./read-ahead.ts";
export { release } from "./release.ts";
export { checkReplaced } from "./replaced-bytes.ts";
export { segmentFault, type SegmentPlace } from "./segment-fault.ts";
export {
  checkSegmentMap,
  headOfMap,
  segmentIndexAt,
  storedExtents,
  type BaseIdentity,
  type MapHead,
  type Segment,
  type SegmentKind,
  type SegmentMap,
} from "./segment-map.ts";
export type {
  EncodeChoice,
  EncodedPiece,
  EncodeSettings,
  Frame,
  FrameBuilder,
  NewSegment,
  PackedWrite,
  Piece,
  PieceEncoder,
  Seal,
  Splice,
  SplicePlan,
  StreamFormat,
  StreamPlan,
  WrittenPiece,
} from "./stream-format.ts";
export { splicedParts, type SplicedPart } from "./spliced-parts.ts";
export { stampingCost, type StampingCost } from "./stamping-cost.ts";
export { storedSegmentsIn } from "./stored-segments.ts";
export { dealPatch, touchedSegments, type PatchPart, type TouchedSegment } from "./touched-segments.ts";
export { isZeroRun } from "./zero-run.ts";
