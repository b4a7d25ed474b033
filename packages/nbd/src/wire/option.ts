/**
 * Options and their replies (NBD protocol document, "Fixed newstyle negotiation").
 *
 *     option   0  8  "IHAVEOPT"              reply    0  8  0x0003e889045565a9
 *              8  4  option                           8  4  option
 *             12  4  length of the data              12  4  reply type
 *             16     data                            16  4  length of the data
 *                                                    20     data
 */
import { NbdError } from "../nbd-error.ts";

const optionMagic = 0x49484156454f5054n;
const replyMagic = 0x0003e889045565a9n;

/** "Option types". EXTENDED_HEADERS, 11, is left out: like every number that is not here, it is unsupported. */
export const optionNumber = {
  exportName: 1,
  abort: 2,
  list: 3,
  startTls: 5,
  info: 6,
  go: 7,
  structuredReply: 8,
  listMetaContext: 9,
  setMetaContext: 10,
} as const;

/** "Option reply types". */
export const replyType = {
  acknowledged: 1,
  server: 2,
  info: 3,
  metaContext: 4,
  unsupported: 0x80000001,
  policy: 0x80000002,
  invalid: 0x80000003,
  tlsRequired: 0x80000005,
  unknownExport: 0x80000006,
  tooBig: 0x80000009,
} as const;

export type ReplyType = (typeof replyType)[keyof typeof replyType];

export const optionHeaderLength = 16;

export interface OptionHeader {
  readonly option: number;
  /** Of the data that follows. Anything up to 2^32 - 1: check it before making room. */
  readonly length: number;
}

/** @throws NbdError `NBD_PROTOCOL` for another magic number. */
export function parseOptionHeader(bytes: Buffer): OptionHeader {
  const magic = bytes.readBigUInt64BE(0);
  if (magic !== optionMagic) {
    throw new NbdError(
      "NBD_PROTOCOL",
      `an option begins with 0x${magic.toString(16)}, expected 0x${optionMagic.toString(16)}`,
    );
  }
  return { option: bytes.readUInt32BE(8), length: bytes.readUInt32BE(12) };
}

const noData = Buffer.alloc(0);

export function encodeOptionReply(option: number, type: ReplyType, data: Buffer = noData): Buffer {
  const reply = Buffer.alloc(20 + data.length);
  reply.writeBigUInt64BE(replyMagic, 0);
  reply.writeUInt32BE(option, 8);
  reply.writeUInt32BE(type, 12);
  reply.writeUInt32BE(data.length, 16);
  reply.set(data, 20);
  return reply;
}
