export { composeTable, type TablePiece } from "./compose-table.ts";
export { deriveDiskSignature, deriveId, derivePartitionIds, seedOf } from "./derived-ids.ts";
export { describePartition, describePartitions } from "./describe-partition.ts";
export { describeTable } from "./describe-table.ts";
export {
  probeFileSystem,
  probeFileSystems,
  type EditableName,
  type FileSystemProbe,
  type FileSystemProbes,
} from "./file-system-probe.ts";
export type { ForeignName } from "./foreign-signatures.ts";
export { gptUsable, type GptShape } from "./gpt-plan.ts";
export { LayoutError, layoutErrorCodes, type LayoutErrorCode } from "./layout-error.ts";
export type {
  GptFrame,
  Partition,
  PartitionPlacement,
  PartitionTable,
  Protection,
  SectorLength,
  TableWarning,
  TableWarningCode,
} from "./partition-table.ts";
export { partitionTypeId, partitionTypeNames } from "./partition-type.ts";
export { readPartitionTable, type ReadTableOptions } from "./read-partition-table.ts";
export { chooseRegion, type RegionChoice } from "./region-choice.ts";
export { regionRoles, type RegionRole } from "./region-role.ts";
export type {
  ByteRange,
  GptDescription,
  GptPartitionDescription,
  MbrDescription,
  MbrPartitionDescription,
  TableDescription,
} from "./table-description.ts";
