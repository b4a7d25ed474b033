import { deriveId, seedOf, type TableDescription } from "@bootstamp/layout";
import { DiskImageError } from "./disk-image-error.ts";

/**
 * The UUID of a file system that nobody gave one: derived from the id of its partition, as systemd-repart does it; in
 * an MBR, where partitions have none, from the disk's signature and the partition's number.
 */
export function derivedUuid(table: TableDescription, number: number): string {
  const ids = table.kind === "gpt" ? table.partitions : [];
  const own = ids.find((partition) => partition.number === number)?.uniqueId;
  return deriveId(own ?? seedOf(`${table.diskId}-${number}`), "file-system-uuid");
}

/** The GUID that `uuid` is, in lower case. @throws DiskImageError `DISK_FILE_SYSTEM_ID`. */
export function checkedUuid(uuid: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) return uuid.toLowerCase();
  throw new DiskImageError(
    "DISK_FILE_SYSTEM_ID",
    `an ext4 file system cannot have the UUID ${JSON.stringify(uuid)}: expected a GUID`,
    {
      uuid,
    },
  );
}

/** The volume id that `uuid` is, or that is derived where there is none. @throws DiskImageError `DISK_FILE_SYSTEM_ID`. */
export function fatSerial(uuid: string | undefined, derived: string): number {
  if (uuid === undefined) return Number.parseInt(derived.slice(0, 8), 16);
  if (/^[0-9a-f]{4}-?[0-9a-f]{4}$/i.test(uuid)) return Number.parseInt(uuid.replace("-", ""), 16);
  throw new DiskImageError(
    "DISK_FILE_SYSTEM_ID",
    `a FAT file system cannot have the volume id ${JSON.stringify(uuid)}: expected eight hexadecimal digits, as in 7B77-95E7`,
    { uuid },
  );
}
