export { BootfsError, bootfsErrorCodes, type BootfsErrorCode } from "./bootfs-error.ts";
export type {
  AppendLineEdit,
  ChmodEdit,
  ChownEdit,
  ConfigTxtEdit,
  ConfigTxtEntry,
  CopyInEdit,
  DeleteEdit,
  Edit,
  FillEdit,
  GrubenvEdit,
  KargsEdit,
  KargsReplacement,
  LinkEdit,
  MkdirEdit,
  MoveEdit,
  Ownership,
  TreeEntry,
  WriteEdit,
} from "./edit.ts";
export type { EditOutcome } from "./edit-region.ts";
export type { EditReport, FileReport, LeftReport } from "./edit-report.ts";
export { formatFat, type FatPiece, type FatVolume } from "./fat/format-fat.ts";
export { planFat, type FatPlan, type FatShape, type FatWidth } from "./fat/fat-shape.ts";
export { openFileSystem, type FileSystemView } from "./file-system-view.ts";
export type {
  DirectoryEntry,
  FileExtent,
  FileKind,
  FileStat,
  FileSystemIdentity,
  FileSystemKind,
} from "./file-system.ts";
export type { Region } from "./region.ts";
export { rehearse, type ReserveRequest } from "./reserve/rehearse.ts";
export type { Reserve } from "./reserve/reserve.ts";
export { openEditor, type EditorOptions, type EditRequest, type RegionEditor } from "./region-editor.ts";
export { viewRegion, type RegionView } from "./view-region.ts";
