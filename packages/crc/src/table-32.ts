import type { Checksum } from "./crc.ts";

/** A table-driven 32-bit CRC, eight bytes a step, for models that the platform does not compute. */
export function tableChecksum32(polynomial: number): Checksum<number> {
  const tables = makeTables(polynomial);
  return (bytes, previous) => ~update(tables, ~previous, bytes) >>> 0;
}

/** `tables[256 * k + b]` is the effect of byte `b` followed by `k` zero bytes. */
function makeTables(polynomial: number): Uint32Array {
  const tables = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (polynomial & -(value & 1));
    tables[byte] = value;
  }
  for (let index = 256; index < tables.length; index++) {
    const shorter = tables[index - 256] ?? 0;
    tables[index] = (shorter >>> 8) ^ (tables[shorter & 0xff] ?? 0);
  }
  return tables;
}

function update(tables: Uint32Array, state: number, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (index: number): number => tables[index] ?? 0;
  let value = state;
  let offset = 0;
  for (; offset + 8 <= bytes.length; offset += 8) {
    const first = view.getUint32(offset, true) ^ value;
    const second = view.getUint32(offset + 4, true);
    value =
      at(1792 + (first & 0xff)) ^
      at(1536 + ((first >>> 8) & 0xff)) ^
      at(1280 + ((first >>> 16) & 0xff)) ^
      at(1024 + (first >>> 24)) ^
      at(768 + (second & 0xff)) ^
      at(512 + ((second >>> 8) & 0xff)) ^
      at(256 + ((second >>> 16) & 0xff)) ^
      at(second >>> 24);
  }
  for (; offset < bytes.length; offset++) {
    value = (value >>> 8) ^ at((value ^ view.getUint8(offset)) & 0xff);
  }
  return value;
}
