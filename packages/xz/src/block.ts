// A block. xz file format §3.
//
//   header (block-header.ts) | data | 0 to 3 zeros up to a multiple of 4 | check
import { encodeBlockHeader } from "./container/block-header.ts";
import { paddedLength } from "./container/block-index.ts";
import { type Parts, partsLength } from "./parts.ts";

/** What the index needs to know of a block that was written. */
export interface BlockNote {
  readonly unpaddedLength: number;
}

/** A block as it stands in the file. */
export interface PackedBlock {
  readonly bytes: Uint8Array;
  readonly note: BlockNote;
}

/**
 * Zeros beyond those that a header needs, which mark a block of bytes that do not compress: its data are those of a stored
 * block, but only what was asked for is to be shown as stored.
 */
export const incompressiblePadding = 4;

/** What a block is made of. */
export interface BlockParts {
  readonly data: Parts;
  readonly rawLength: number;
  readonly dictionaryLength: number;
  /** The check's value, as it stands in the block. */
  readonly check: Uint8Array;
  /** See {@link incompressiblePadding}; none by default. */
  readonly extraPadding?: number;
}

export function encodeBlock({
  data,
  rawLength,
  dictionaryLength,
  check,
  extraPadding,
}: BlockParts): PackedBlock {
  const dataLength = partsLength(data);
  const header = encodeBlockHeader(dataLength, rawLength, dictionaryLength, extraPadding);
  const dataEnd = header.length + paddedLength(dataLength);
  const bytes = new Uint8Array(dataEnd + check.length);
  bytes.set(header);
  let at = header.length;
  for (const part of data) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.set(check, dataEnd);
  return { bytes, note: { unpaddedLength: header.length + dataLength + check.length } };
}
