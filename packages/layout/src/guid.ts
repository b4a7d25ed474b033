/**
 * A GUID as disks hold it: three little-endian numbers, then eight bytes in order (UEFI 2.10, appendix A).
 *
 *     0            4      6      8                        16
 *     +------------+------+------+------+-----------------+
 *     | TimeLow    | Mid  | High | Seq  | Node            |
 *     +------------+------+------+------+-----------------+
 */
const groups = [
  [3, 2, 1, 0],
  [5, 4],
  [7, 6],
  [8, 9],
  [10, 11, 12, 13, 14, 15],
] as const;

/** The GUID at `offset` in lower case. */
export function parseGuid(bytes: Uint8Array, offset: number): string {
  return groups.map((group) => group.map((at) => hexByte(bytes[offset + at] ?? 0)).join("")).join("-");
}

/** Writes `guid` at `offset` of `target`. */
export function writeGuid(target: Uint8Array, offset: number, guid: string): void {
  const parts = guid.split("-");
  for (const [index, group] of groups.entries()) {
    const part = Buffer.from(parts[index] ?? "", "hex");
    for (const [position, at] of group.entries()) target[offset + at] = part[position] ?? 0;
  }
}

/** A type of an unused entry. */
export const zeroGuid = "00000000-0000-0000-0000-000000000000";

export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
