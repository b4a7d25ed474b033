export { Crc, type Checksum } from "./crc.ts";
export {
  bulkCrc64nvme,
  bulkCrc64xz,
  crc32,
  crc32c,
  crc64nvme,
  crc64xz,
  type BulkChecksum64,
} from "./models.ts";
