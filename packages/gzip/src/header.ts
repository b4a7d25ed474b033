// The bytes around the deflate stream. RFC 1952 §2.3.
//
//   0   ID1 1F  ID2 8B  CM 08  FLG 04 (FEXTRA alone)
//   4   MTIME 0 (4 bytes)  XFL 0  OS FF (unknown)
//   10  XLEN (2 bytes): 4 + n
//   12  SI1 "B"  SI2 "S"  LEN (2 bytes): n
//   16  the map, n bytes: map-payload.ts
//       pieces, each a run of deflate blocks that ends on a byte
//       03 00: an empty final block with fixed codes (RFC 1951 §3.2.6)
//       CRC32 of the raw bytes  ISIZE: their number modulo 2^32
//
// One member, and nothing after it: decoders in the field stop after the first, or refuse what follows.
import type { ByteSource } from "@bootstamp/byte-source";
import { MapError } from "@bootstamp/segment-map";
import { beginsAsMap, magicLength } from "./map-payload.ts";
import { damaged, inconsistent, missing } from "./map-fault.ts";

/** Bytes before the map. */
export const headerLength = 16;
/** FEXTRA may have 65535 bytes, but busybox takes a file with more than 16384 for corrupt, and its exit status is 0. */
const maxExtraLength = 16_384;
const subfieldHeaderLength = 4;
export const maxPayloadLength: number = maxExtraLength - subfieldHeaderLength;

const fixedHeader = Uint8Array.of(0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff);
/** ID1, ID2 and CM: gzip, whatever its flags. */
const signatureLength = 3;
/** "BS". No registry of these exists; no format known to us uses this one. */
const subfieldId = Uint8Array.of(0x42, 0x53);

/** An empty block with fixed codes, the last one: what `zlib` itself ends streams with. */
export const finalBlock: Uint8Array = Uint8Array.of(0x03, 0x00);
export const trailerCrcLength = 4;
const trailerLength = 8;
export const tailLength: number = finalBlock.length + trailerLength;

export function encodeHead(payload: Uint8Array): Uint8Array {
  const head = new Uint8Array(headerLength + payload.length);
  const view = new DataView(head.buffer);
  head.set(fixedHeader);
  view.setUint16(fixedHeader.length, subfieldHeaderLength + payload.length, true);
  head.set(subfieldId, 12);
  view.setUint16(14, payload.length, true);
  head.set(payload, headerLength);
  return head;
}

export function encodeTail(rawCrc32: number, rawLength: number): Uint8Array {
  const tail = new Uint8Array(tailLength);
  tail.set(finalBlock);
  tail.set(encodeTrailerCrc(rawCrc32), finalBlock.length);
  new DataView(tail.buffer).setUint32(tailLength - 4, rawLength % 2 ** 32, true);
  return tail;
}

export function encodeTrailerCrc(rawCrc32: number): Uint8Array {
  const bytes = new Uint8Array(trailerCrcLength);
  new DataView(bytes.buffer).setUint32(0, rawCrc32, true);
  return bytes;
}

/** Where the trailer's CRC32 is in a file of `packedLength` bytes. */
export function trailerCrcOffset(packedLength: number): number {
  return packedLength - trailerLength;
}

export function isGzip(firstBytes: Uint8Array): boolean {
  return beginsWith(firstBytes, fixedHeader.subarray(0, signatureLength));
}

/**
 * Reads the bytes of the map from the head of a file.
 * @throws MapError `MAP_NOT_THIS_FORMAT`, `MAP_MISSING`, `MAP_DAMAGED`, `MAP_INCONSISTENT`.
 */
export async function readPayload(packed: ByteSource): Promise<Uint8Array> {
  const head = await packed.read(0, Math.min(headerLength + magicLength, packed.length));
  if (!isGzip(head)) {
    throw new MapError(
      "MAP_NOT_THIS_FORMAT",
      `not gzip: it begins with ${Buffer.from(head).toString("hex")}`,
    );
  }
  checkOurs(head);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const extraLength = view.getUint16(10, true);
  const length = view.getUint16(14, true);
  if (length + subfieldHeaderLength !== extraLength || extraLength > maxExtraLength) {
    throw damaged(`it has ${length} bytes in an extra field of ${extraLength}`);
  }
  if (headerLength + length + tailLength > packed.length) throw cutShort(packed.length);
  return await packed.read(headerLength, length);
}

/** A header has three marks of ours: damage spoils one of them, and no other program's has two. */
function checkOurs(head: Uint8Array): void {
  const marks = [
    beginsWith(head, fixedHeader),
    beginsWith(head.subarray(12), subfieldId),
    beginsAsMap(head.subarray(headerLength)),
  ];
  const found = marks.filter((isThere) => isThere).length;
  if (found < 2) throw missing("its header is another program's");
  if (found < marks.length) throw damaged("it begins otherwise, or the header before it does");
}

/**
 * Reads the end of a file and returns the CRC-32 in it. @throws MapError `MAP_INCONSISTENT` if it is not the end of an
 * image of `rawLength` bytes.
 */
export async function readTail(packed: ByteSource, rawLength: number): Promise<number> {
  const tail = await packed.read(packed.length - tailLength, tailLength);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const size = view.getUint32(tailLength - 4, true);
  if (!beginsWith(tail, finalBlock))
    throw inconsistent("the file does not end with an empty block and a trailer");
  if (size !== rawLength % 2 ** 32) {
    throw inconsistent(`the trailer's size is ${size}, that of the image modulo 2^32 ${rawLength % 2 ** 32}`);
  }
  return view.getUint32(finalBlock.length, true);
}

function cutShort(length: number): MapError {
  return inconsistent(`the file has ${length} bytes, less than its header and trailer take`);
}

function beginsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, beginning.length), beginning) === 0;
}
