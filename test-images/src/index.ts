export { buildImage, recipes, type Recipe, type RecipeName, type RecipeOptions } from "./recipes.ts";
export {
  partitionOf,
  type FileSystem,
  type Firmware,
  type ImageInfo,
  type ImagePartition,
  type PartitionRole,
} from "./image-info.ts";
export { bootImage, bootTools, reportOf, type BootOptions } from "./boot.ts";
export type { ReportPart } from "./initramfs.ts";
