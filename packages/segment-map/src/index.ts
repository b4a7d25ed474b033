export { alignExtents, extentEnd, joinExtents, totalLength, type Extent } from "./extent.ts";
export { MapError, mapErrorCodes, type MapErrorCode } from "./map-error.ts";
export {
  checkSegmentMap,
  segmentIndexAt,
  storedExtents,
  type BaseIdentity,
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
  PackedWrite,
  Piece,
  PieceEncoder,
  Seal,
  StreamFormat,
  StreamPlan,
  WrittenPiece,
} from "./stream-format.ts";
