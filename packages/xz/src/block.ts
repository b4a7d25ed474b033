// A block. xz file format §3.
//
//   header (block-header.ts) | data | 0 to 3 zeros up to a multiple of 4 | check
import { encodeBlockHeader } from "./container/block-header.ts";
import { paddedLength } from "./container/block-index.ts";

/** What the index needs to know of a block that was written. */
export interface BlockNote {
  readonly unpaddedLength: number;
}

/** A block as it stands in the file. */
export interface PackedBlock {
  readonly bytes: Uint8Array;
  readonly note: BlockNote;
}

/** @param check the check's value, as it stands in the block. */
export function encodeBlock(
  data: Uint8Array,
  rawLength: number,
  dictionaryLength: number,
  check: Uint8Array,
): PackedBlock {
  const header = encodeBlockHeader(data.length, rawLength, dictionaryLength);
  const dataEnd = header.length + paddedLength(data.length);
  const bytes = new Uint8Array(dataEnd + check.length);
  bytes.set(header);
  bytes.set(data, header.length);
  bytes.set(check, dataEnd);
  return { bytes, note: { unpaddedLength: header.length + data.length + check.length } };
}
