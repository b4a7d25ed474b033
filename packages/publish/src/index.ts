export { base64OfCrc64, crc64OfBase64 } from "./checksums.ts";
export { findBase, parseObjectUrl, type FoundBase } from "./found-base.ts";
export { latestRelease } from "./latest.ts";
export type { NewObject } from "./new-object.ts";
export type { ObjectPlace } from "./object-calls.ts";
export type { ObjectPlan } from "./object-plan.ts";
export type { ObjectSettings } from "./object-settings.ts";
export { objectSource, type ObjectSourceOptions } from "./object-source.ts";
export { pinObject, type PinnedObject } from "./pinned-object.ts";
export { costOf, type PlannedCost, type PlannedObject } from "./planned-object.ts";
export type { PublishProgress, RunOptions } from "./progress.ts";
export { planPrune, prune, type PruneOptions, type PrunePlan, type ReleaseFound } from "./prune.ts";
export { planArtifact, publishArtifact, type ArtifactRequest } from "./publish-artifact.ts";
export { PublishError, publishErrorCodes, type PublishErrorCode } from "./publish-error.ts";
export type { PublishedObject } from "./publish-object.ts";
export {
  planRelease,
  publishRelease,
  type ReleasePlan,
  type ReleaseRequest,
  type ReleaseSummary,
} from "./release.ts";
export { baseKey } from "./release-names.ts";
export { spansOfOverwrites } from "./spans-of-overwrites.ts";
export { openStore, type Store, type StoreCounters } from "./store.ts";
export type { StoreOptions } from "./store-options.ts";
export { planBase, planUpload, uploadBase, type BaseOptions } from "./upload-base.ts";
export { uploadRecordsIn, type UploadRecord, type UploadRecords } from "./upload-records.ts";
export { listUploads, type ListedUpload, type Upload } from "./upload-calls.ts";
