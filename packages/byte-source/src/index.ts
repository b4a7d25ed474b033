export type { ByteSource, SyncByteSource } from "./byte-source.ts";
export { fingerprintAt, FileSource, sameFingerprint, type FileFingerprint } from "./file-source.ts";
export { MemorySource } from "./memory-source.ts";
export { Overlay } from "./overlay.ts";
export type { Patch, PatchRun } from "./patch.ts";
export { sliceSource, sliceSyncSource } from "./slice-source.ts";
export { SourceError, sourceErrorCodes, type SourceErrorCode } from "./source-error.ts";
export { shareSource, threadSource, type ThreadSourceHandle } from "./thread-source.ts";
