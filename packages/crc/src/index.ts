export { Crc, type Checksum } from "./crc.ts";
export { crcText } from "./crc-text.ts";
export {
  bulkCrc64nvme,
  bulkCrc64xz,
  crc32,
  crc32c,
  crc64nvme,
  crc64xz,
  type BulkChecksum64,
} from "./models.ts";
export { patchedCrc32, type ReplacedRun } from "./patched-crc32.ts";
