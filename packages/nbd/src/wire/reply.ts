/**
 * Replies of the transmission phase (NBD protocol document, "Simple reply message" and "Structured reply chunk message").
 *
 *     simple   0  4  0x67446698       structured   0  4  0x668e33ef
 *              4  4  error value                   4  2  flags, 1: last chunk of the reply
 *              8  8  cookie                        6  2  type
 *             16     READ: data                    8  8  cookie
 *                                                 16  4  length of the payload
 *                                                 20     payload
 *
 * Every reply here is one chunk, and so never fragmented, whether DF is set or not.
 */
import { allocationId } from "./meta-context.ts";
import type { StatusDescriptor } from "./block-status.ts";
import type { ErrorValue } from "./error-value.ts";

const simpleMagic = 0x67446698;
const structuredMagic = 0x668e33ef;
const lastChunk = 1;

/** "Structured reply types". */
const chunkType = { none: 0, offsetData: 1, blockStatus: 5, error: 0x8001 } as const;

/** How a request ended. */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "data"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "status"; readonly descriptors: readonly StatusDescriptor[] }
  | { readonly kind: "error"; readonly error: ErrorValue; readonly message: string };

/** The reply as pieces to send one after the other. Does not copy the data of a read. */
export function encodeReply(structured: boolean, cookie: bigint, outcome: Outcome): readonly Uint8Array[] {
  if (!structured) return encodeSimple(cookie, outcome);
  if (outcome.kind === "data") return encodeData(cookie, outcome.offset, outcome.bytes);
  if (outcome.kind === "status") return [encodeStatus(cookie, outcome.descriptors)];
  if (outcome.kind === "error") return [encodeError(cookie, outcome.error, outcome.message)];
  return [encodeChunk(chunkType.none, cookie, 0, 0)];
}

function encodeSimple(cookie: bigint, outcome: Outcome): readonly Uint8Array[] {
  const header = Buffer.allocUnsafe(16);
  header.writeUInt32BE(simpleMagic, 0);
  header.writeUInt32BE(outcome.kind === "error" ? outcome.error : 0, 4);
  header.writeBigUInt64BE(cookie, 8);
  return outcome.kind === "data" && outcome.bytes.length > 0 ? [header, outcome.bytes] : [header];
}

/** A chunk with `room` bytes of payload still to be filled in, out of `length` in all. */
function encodeChunk(type: number, cookie: bigint, length: number, room: number): Buffer {
  const chunk = Buffer.allocUnsafe(20 + room);
  chunk.writeUInt32BE(structuredMagic, 0);
  chunk.writeUInt16BE(lastChunk, 4);
  chunk.writeUInt16BE(type, 6);
  chunk.writeBigUInt64BE(cookie, 8);
  chunk.writeUInt32BE(length, 16);
  return chunk;
}

function encodeData(cookie: bigint, offset: number, bytes: Uint8Array): readonly Uint8Array[] {
  // A data chunk "MUST describe at least one byte".
  if (bytes.length === 0) return [encodeChunk(chunkType.none, cookie, 0, 0)];
  const chunk = encodeChunk(chunkType.offsetData, cookie, 8 + bytes.length, 8);
  chunk.writeBigUInt64BE(BigInt(offset), 20);
  return [chunk, bytes];
}

function encodeStatus(cookie: bigint, descriptors: readonly StatusDescriptor[]): Buffer {
  const length = 4 + 8 * descriptors.length;
  const chunk = encodeChunk(chunkType.blockStatus, cookie, length, length);
  chunk.writeUInt32BE(allocationId, 20);
  for (const [index, { length: runLength, flags }] of descriptors.entries()) {
    chunk.writeUInt32BE(runLength, 24 + 8 * index);
    chunk.writeUInt32BE(flags, 28 + 8 * index);
  }
  return chunk;
}

function encodeError(cookie: bigint, error: ErrorValue, message: string): Buffer {
  const text = Buffer.from(message);
  const length = 6 + text.length;
  const chunk = encodeChunk(chunkType.error, cookie, length, length);
  chunk.writeUInt32BE(error, 20);
  chunk.writeUInt16BE(text.length, 24);
  chunk.set(text, 26);
  return chunk;
}
