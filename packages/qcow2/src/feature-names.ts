// What an image itself says its features are called. QEMU's docs/interop/qcow2, "Header extensions" and "Feature name
// table". Behind the header, each extension is
//
//   type (4)  length (4)  data, padded to 8 bytes
//
// and the table's data are entries of 48 bytes: kind (1, 0 for incompatible)  bit (1)  name, padded with zeros (46).
import type { ByteSource } from "@bootstamp/byte-source";
import { quoteText } from "@bootstamp/fault";

const nameTableType = 0x6803_f857;
const entryLength = 48;
/** More than any real one: 192 features are 9 KiB. */
const maxExtensionsLength: number = 64 << 10;

/**
 * Names for error messages of the bits that are set; those without one are called by their number. Never fails over the
 * table.
 */
export async function nameFeatures(file: ByteSource, from: number, bits: bigint): Promise<string[]> {
  const length = Math.min(maxExtensionsLength, Math.max(0, file.length - from));
  const table = findTable(length === 0 ? new Uint8Array() : await file.read(from, length));
  const numbers = Array.from({ length: 64 }, (_, bit) => bit).filter(
    (bit) => ((bits >> BigInt(bit)) & 1n) === 1n,
  );
  return numbers.map((bit) => nameOf(table, bit) ?? `the incompatible feature ${bit}`);
}

function findTable(extensions: Uint8Array): Uint8Array {
  const view = new DataView(extensions.buffer, extensions.byteOffset, extensions.byteLength);
  for (let at = 0; at + 8 <= extensions.length;) {
    const type = view.getUint32(at);
    const length = view.getUint32(at + 4);
    if (type === nameTableType) return extensions.subarray(at + 8, at + 8 + length);
    if (type === 0) break;
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return new Uint8Array();
}

function nameOf(table: Uint8Array, bit: number): string | undefined {
  for (let at = 0; at + entryLength <= table.length; at += entryLength) {
    if (table[at] !== 0 || table[at + 1] !== bit) continue;
    const name = Buffer.from(table.subarray(at + 2, at + entryLength))
      .toString()
      .replace(/\0+$/, "");
    return `the feature ${quoteText(name)}`;
  }
  return undefined;
}
