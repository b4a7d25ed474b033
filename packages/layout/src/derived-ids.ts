/**
 * Identifiers derived from a seed, as systemd-repart derives them, so that two builds of one layout are the same.
 *
 *     id = version and variant 4 over the first 16 bytes of HMAC-SHA256(key: seed, text)
 *
 *     text of a disk: "disk-uuid" · of a partition: its type's GUID, and for the second and later of one type its index
 *     among them as 64 bits, little-endian
 *
 * GUIDs are 16 bytes in the order in which they are written, not as disks hold them. RFC 4122 §4.1.1, §4.1.3.
 */
import { createHash, createHmac } from "node:crypto";
import { isGuid } from "./guid.ts";
import { LayoutError } from "./layout-error.ts";

/**
 * A seed made from any text: two texts make different ones. Not systemd's: repart takes a GUID, and so do the
 * functions here.
 */
export function seedOf(text: string): string {
  return versionFour(createHash("sha256").update(text).digest());
}

/**
 * The id of `token`, in lower case: repart's tokens are "disk-uuid" for a disk and, keyed by the id of its partition,
 * "file-system-uuid" for a file system.
 * @throws LayoutError `LAYOUT_ID_INVALID` if `seed` is no GUID.
 */
export function deriveId(seed: string, token: string): string {
  return derive(seed, Buffer.from(token));
}

/**
 * The ids of partitions of the given types, in their order; repart's is that of its files' names.
 * @throws LayoutError `LAYOUT_ID_INVALID` if `seed` or a type is no GUID.
 */
export function derivePartitionIds(seed: string, typeIds: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return typeIds.map((typeId) => {
    const type = typeId.toLowerCase();
    const index = counts.get(type) ?? 0;
    counts.set(type, index + 1);
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64LE(BigInt(index));
    return derive(seed, index === 0 ? bytesOf(type) : Buffer.concat([bytesOf(type), counter]));
  });
}

/**
 * The signature of an MBR, as "0x1234abcd": the first four bytes of what a GPT's disk id would be, never zero.
 * @throws LayoutError `LAYOUT_ID_INVALID` if `seed` is no GUID.
 */
export function deriveDiskSignature(seed: string): string {
  const [signature = ""] = deriveId(seed, "disk-uuid").split("-");
  return `0x${signature === "00000000" ? "00000001" : signature}`;
}

function derive(seed: string, text: Uint8Array): string {
  return versionFour(createHmac("sha256", bytesOf(seed)).update(text).digest());
}

function versionFour(digest: Buffer): string {
  const bytes = digest.subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function bytesOf(guid: string): Buffer {
  if (isGuid(guid)) return Buffer.from(guid.replaceAll("-", ""), "hex");
  throw new LayoutError("LAYOUT_ID_INVALID", `ids are derived from GUIDs, got ${JSON.stringify(guid)}`, {
    id: guid,
  });
}
