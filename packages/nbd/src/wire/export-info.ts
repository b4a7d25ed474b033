/**
 * What INFO and GO ask, and the pieces of information that answer (NBD protocol document, "Option types").
 *
 *     request   0  4  length n of the export's name     EXPORT       0  2  0    2  8  length   10  2  flags
 *               4  n  name                              NAME         0  2  1    2     name
 *             4+n  2  number of information requests    DESCRIPTION  0  2  2    2     description
 *             6+n     2 bytes each                      BLOCK_SIZE   0  2  3    2  4  minimum   6  4  preferred
 *                                                                              10  4  maximum
 */
import { maxRequestLength } from "../limits.ts";
import type { NbdExport } from "../nbd-export.ts";
import { parseCountedString } from "./protocol-string.ts";

const informationType = { export: 0, name: 1, description: 2, blockSize: 3 } as const;

export interface InformationRequest {
  readonly exportName: string;
  readonly types: readonly number[];
}

/** Undefined where the data is malformed. Does not refuse types that it does not know: they are never answered. */
export function parseInformationRequest(data: Buffer): InformationRequest | undefined {
  const name = parseCountedString(data, 0);
  if (name === undefined || name.end + 2 > data.length) return undefined;
  const count = data.readUInt16BE(name.end);
  const start = name.end + 2;
  if (data.length !== start + 2 * count) return undefined;
  const types = Array.from({ length: count }, (_, index) => data.readUInt16BE(start + 2 * index));
  return { exportName: name.text, types };
}

/** The pieces that `types` asks for, and EXPORT, which a client always gets; each once. */
export function encodeInformation(exported: NbdExport, flags: number, types: readonly number[]): Buffer[] {
  const pieces = [encodeExport(exported.length, flags)];
  if (types.includes(informationType.name)) pieces.push(encodeText(informationType.name, exported.name));
  if (types.includes(informationType.description) && exported.description !== undefined)
    pieces.push(encodeText(informationType.description, exported.description));
  if (types.includes(informationType.blockSize))
    pieces.push(encodeBlockSize(exported.preferredBlockLength ?? 4096));
  return pieces;
}

function encodeExport(length: number, flags: number): Buffer {
  const piece = Buffer.alloc(12);
  piece.writeUInt16BE(informationType.export, 0);
  piece.writeBigUInt64BE(BigInt(length), 2);
  piece.writeUInt16BE(flags, 10);
  return piece;
}

function encodeText(type: number, text: string): Buffer {
  return Buffer.concat([Buffer.of(type >> 8, type), Buffer.from(text)]);
}

function encodeBlockSize(preferred: number): Buffer {
  const piece = Buffer.alloc(14);
  piece.writeUInt16BE(informationType.blockSize, 0);
  piece.writeUInt32BE(1, 2);
  piece.writeUInt32BE(preferred, 6);
  piece.writeUInt32BE(maxRequestLength, 10);
  return piece;
}

/** The answer to EXPORT_NAME (protocol document, "Newstyle negotiation"): length, flags, and zeros for old clients. */
export function encodeOldExport(length: number, flags: number, zeroes: boolean): Buffer {
  const answer = Buffer.alloc(zeroes ? 134 : 10);
  answer.writeBigUInt64BE(BigInt(length), 0);
  answer.writeUInt16BE(flags, 8);
  return answer;
}
