export { applyKargs, applyKargsToFiles, type KargsFile, type KargsFileResult } from "./apply-kargs.ts";
export { BootConfigError, bootConfigErrorCodes, type BootConfigErrorCode } from "./boot-config-error.ts";
export { cloudInitFiles, type CloudInitSeed } from "./cloud-init-files.ts";
export { decodeConfigText, encodeConfigText } from "./config-text.ts";
export type { ConfigLocation, ConfigTree } from "./config-tree.ts";
export {
  applyConfigTxt,
  type ConfigTxtEdit,
  type ConfigTxtRemoval,
  type ConfigTxtResult,
  type ConfigTxtSetting,
} from "./config-txt-edit.ts";
export type { KargsResult } from "./edit-kargs-text.ts";
export {
  findKernelArgumentFiles,
  type KernelArgumentFiles,
  type LeftFile,
} from "./find-kernel-argument-files.ts";
export { editGrubenv, type GrubenvEdit } from "./grubenv-edit.ts";
export { emptyGrubenv, grubenvSize, readGrubenv } from "./grubenv.ts";
export { ignitionFiles } from "./ignition-files.ts";
export type { KargsEdit, KargsReplacement } from "./kargs-edit.ts";
export { type KargsKind, kargsKinds } from "./kargs-kind.ts";
export { kargsKindOfFile } from "./kargs-kind-of-file.ts";
export type { LeftLine } from "./kernel-line.ts";
export type { SeedFile } from "./seed-file.ts";
