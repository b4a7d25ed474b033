/**
 * Requests of the transmission phase (NBD protocol document, "Request message").
 *
 *     0  4  0x25609513
 *     4  2  command flags
 *     6  2  command
 *     8  8  cookie
 *    16  8  offset
 *    24  4  length
 *    28     for WRITE, length bytes
 */
import { NbdError } from "../nbd-error.ts";

const requestMagic = 0x25609513;

/** "Request types". */
export const command = {
  read: 0,
  write: 1,
  disconnect: 2,
  flush: 3,
  trim: 4,
  cache: 5,
  writeZeroes: 6,
  blockStatus: 7,
} as const;

/** "Command flags". Payload length, bit 5, belongs to extended headers. */
export const commandFlag = { fua: 1, noHole: 2, df: 4, reqOne: 8, fastZero: 16 } as const;

export const requestLength = 28;

export interface Request {
  readonly flags: number;
  readonly command: number;
  /** Comes back in every reply to this request. */
  readonly cookie: bigint;
  /** Exact up to 2^53; above, it is beyond the end of every export all the same. */
  readonly offset: number;
  /** Up to 2^32 - 1: check it before making room. */
  readonly length: number;
}

/** @throws NbdError `NBD_PROTOCOL` for another magic number: where the next request begins is lost. */
export function parseRequest(bytes: Buffer): Request {
  const magic = bytes.readUInt32BE(0);
  if (magic !== requestMagic) {
    throw new NbdError(
      "NBD_PROTOCOL",
      `a request begins with 0x${magic.toString(16)}, expected 0x${requestMagic.toString(16)}`,
    );
  }
  return {
    flags: bytes.readUInt16BE(4),
    command: bytes.readUInt16BE(6),
    cookie: bytes.readBigUInt64BE(8),
    offset: Number(bytes.readBigUInt64BE(16)),
    length: bytes.readUInt32BE(24),
  };
}
