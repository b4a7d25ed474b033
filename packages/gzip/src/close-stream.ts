// Turns a whole deflate stream into the beginning of one: RFC 1951 §3.2.3.
//
//   before   ... | 1 BTYPE ...last block... | pad
//   after    ... | 0 BTYPE ...last block... | 0 00 pad | 00 00 FF FF      the last block is no longer final, and an
//                                                                         empty stored block ends on a byte
import { findLastBlock, walkMargin } from "./deflate-walk.ts";

/** An empty stored block behind its three header bits and the padding: LEN, NLEN. */
const emptyStored = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/**
 * Takes the end mark out of a complete deflate stream and closes it with a full flush, so that anything can follow.
 * Does not change `stream`.
 */
export function closeStream(stream: Uint8Array): Uint8Array {
  const { view, bytes } = roomFor(stream.length + walkMargin);
  bytes.set(stream);
  bytes.fill(0, stream.length, stream.length + walkMargin);
  const { headerBit, endBit } = findLastBlock(view);
  if (Math.ceil(endBit / 8) !== stream.length) {
    throw new Error(`internal error: a deflate stream of ${stream.length} bytes ends at bit ${endBit}`);
  }
  const headerOffset = headerBit >>> 3;
  bytes[headerOffset] = (bytes[headerOffset] ?? 0) & ~(1 << (headerBit & 7));
  // The header's three zero bits fit into the zero bits behind the end, or take one more byte.
  const lengthOffset = Math.ceil((endBit + 3) / 8);
  bytes.set(emptyStored, lengthOffset);
  return bytes.slice(0, lengthOffset + emptyStored.length);
}

interface Room {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

let room: Room = makeRoom(0);

/** Kept from piece to piece; a fresh megabyte each time costs more than the copy. */
function roomFor(length: number): Room {
  if (room.bytes.length < length) room = makeRoom(length);
  return room;
}

function makeRoom(length: number): Room {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
