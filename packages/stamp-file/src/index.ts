export { checkBase, type KnownBase } from "./check-base.ts";
export { decodeStamp, maxStampFileLength, recognisesStamp } from "./decode-stamp.ts";
export { diffExtents } from "./diff-extents.ts";
export { diffSources, type Difference, type DiffOptions } from "./diff-sources.ts";
export { encodeStamp, stampIdentity } from "./encode-stamp.ts";
export type { Stamp, StampArtifact, StampBase, StampResult } from "./stamp.ts";
export { StampFileError, stampFileErrorCodes, type StampFileErrorCode } from "./stamp-file-error.ts";
export { trimPatch } from "./trim-patch.ts";
