export {
  assembleImage,
  type AssembledImage,
  type AssembledPartition,
  type AssembleRequest,
} from "./assemble-image.ts";
export { DiskImageError, diskImageErrorCodes, type DiskImageErrorCode } from "./disk-image-error.ts";
export type { DiskJob, DiskProgress } from "./disk-progress.ts";
export type {
  DirectoryContent,
  DiskContent,
  FileSystemContent,
  ImageContent,
  NewFileSystem,
  SourceContent,
} from "./disk-content.ts";
export { contentsOfPlan, measureLayout } from "./layout-contents.ts";
export { measureContent } from "./measure-content.ts";
