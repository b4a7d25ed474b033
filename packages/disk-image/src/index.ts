export {
  assembleImage,
  type AssembledImage,
  type AssembledPartition,
  type AssembleRequest,
} from "./assemble-image.ts";
export { DiskImageError, diskImageErrorCodes, type DiskImageErrorCode } from "./disk-image-error.ts";
export type { DiskJob, DiskProgress } from "./disk-progress.ts";
export { measureContent } from "./measure-content.ts";
export type { DirectoryContent, ImageContent, PartitionContent, SourceContent } from "./partition-content.ts";
