export { debianPackages, debianPackageOf } from "./debian-packages.ts";
export { findTool, toolPath } from "./find-tool.ts";
export { requires, requiresIn, when, type Guard } from "./requires.ts";
export { run, runBytes, type RunOptions } from "./run.ts";
export type { Decoder, StreamFormat } from "./decoder.ts";
export {
  decoders,
  decodersFor,
  independentDecodersFor,
  referenceDecoders,
  referenceTools,
} from "./decoders.ts";
export { assertDecodesTo, decodeToFile, digestDecoded, digestFile, type Digested } from "./decoded-bytes.ts";
export { differentBlocks } from "./different-blocks.ts";
export { crc64nvmeByGo } from "./crc64nvme.ts";
export { copyRange, type ByteRange } from "./copy-range.ts";
export { debugfs, e2fsck, readExtFile, type DebugfsOptions } from "./ext.ts";
export { fsckVfat, mtools, readFatFile } from "./fat.ts";
export { canMount, withTmpfs, withXfs } from "./mounts.ts";
export { freePorts } from "./free-ports.ts";
export { sfdiskVerify, sgdiskVerify } from "./partition-table.ts";
export { withShortWrites } from "./short-writes.ts";
