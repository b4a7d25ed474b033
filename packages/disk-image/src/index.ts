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
export { type BootLoader, type BootLoaderName } from "./relayout/boot-loader.ts";
export { planRelayout, type PlanRelayoutRequest } from "./relayout/plan-relayout.ts";
export type { RelayoutChoices, Shrink } from "./relayout/relayout-choices.ts";
export type {
  PartitionMove,
  RelayoutNote,
  RelayoutNoteCode,
  RelayoutPlan,
} from "./relayout/relayout-plan.ts";
export { relayout, type RelayoutRequest } from "./relayout/relayout.ts";
