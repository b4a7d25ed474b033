// The mark beside a file that is being written to: its checksums may not be those of its bytes. It has all that is needed
// to work them out anew from the stored bytes alone, whatever the file's checksums are by then. Read by this program
// alone, on the same machine. All numbers are unsigned, the lowest byte first. FORMAT.md, "Beside a file".
//
//   0    8  magic "bstpmark"
//   8    2  version, 1
//   10   2  number of fields
//   12   4  CRC-32 of the raw image with zeros in place of all stored bytes; 0 where the format keeps no CRC-32 of it
//   16   8  length of the file
//   24  32  SHA-256 that tells the stampable file from others: no stamp changes it
//   56   1  length of the format's name
//   57      the format's name
//           the fields: what the checksums over the whole file were; reading the map needs them, and a sector of them
//           may be torn. Each: offset (8 bytes), length (1 byte), bytes
//   n - 4 4  CRC-32 of all the bytes before it
//
// Nothing in it depends on what the stored bytes are. So it stays true however often the file is written to and sealed,
// and even if another artifact of the same base comes to stand in the file's place.
import type { Overwrite } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import type { InPlaceFile } from "./in-place-files.ts";
import { StampError } from "./stamp-error.ts";

export interface UnsealedMark {
  /** Of the format that the file is of. */
  readonly format: string;
  readonly fileLength: number;
  readonly identity: string;
  /** CRC-32 of the raw image with zeros in place of all stored bytes. */
  readonly frozenCrc32: number;
  readonly fields: readonly Overwrite[];
}

const magic = Buffer.from("bstpmark");
const version = 1;
const nameOffset = 56;
const crcLength = 4;
/** Marks have some hundred bytes; so a file that is none costs little to look at. */
const maxLength = 65_536;

export function encodeMark(mark: UnsealedMark): Uint8Array {
  const name = Buffer.from(mark.format);
  const head = Buffer.alloc(nameOffset + 1);
  head.set(magic);
  head.writeUInt16LE(version, 8);
  head.writeUInt16LE(mark.fields.length, 10);
  head.writeUInt32LE(mark.frozenCrc32, 12);
  head.writeBigUInt64LE(BigInt(mark.fileLength), 16);
  head.set(Buffer.from(mark.identity, "hex"), 24);
  head.writeUInt8(name.length, nameOffset);
  const fields = mark.fields.map(({ offset, bytes }) => {
    const place = Buffer.alloc(9);
    place.writeBigUInt64LE(BigInt(offset));
    place.writeUInt8(bytes.length, 8);
    return Buffer.concat([place, bytes]);
  });
  const body = Buffer.concat([head, name, ...fields]);
  const end = Buffer.alloc(crcLength);
  end.writeUInt32LE(crc32.of(body));
  return new Uint8Array(Buffer.concat([body, end]));
}

/**
 * Reads a mark, or undefined if it is torn: it was not yet complete when the power went, and so nothing was written.
 * @throws StampError `STAMP_MARK_FOREIGN`, `STAMP_MARK_VERSION`.
 */
export async function readMark(file: InPlaceFile, path: string): Promise<UnsealedMark | undefined> {
  if (file.length > maxLength) throw foreignMark(path, `it has ${file.length} bytes`);
  const bytes = Buffer.from(await file.read(0, file.length));
  const begins = bytes.subarray(0, magic.length);
  const torn = bytes.every((byte) => byte === 0) || magic.subarray(0, begins.length).equals(begins);
  if (!torn) throw foreignMark(path, "it begins otherwise");
  if (bytes.length < nameOffset + 1 + crcLength) return undefined;
  const body = bytes.subarray(0, -crcLength);
  if (crc32.of(body) !== bytes.readUInt32LE(body.length)) return undefined;
  const found = body.readUInt16LE(8);
  if (found !== version) {
    throw new StampError(
      "STAMP_MARK_VERSION",
      `${path} is a mark of version ${found}, this program knows ${version}`,
      { mark: path, version: found },
    );
  }
  return parseBody(body, path);
}

function parseBody(body: Buffer, path: string): UnsealedMark {
  const fileLength = Number(body.readBigUInt64LE(16));
  let at = nameOffset + 1 + body.readUInt8(nameOffset);
  const format = body.subarray(nameOffset + 1, at).toString("latin1");
  const fields: Overwrite[] = [];
  for (let count = body.readUInt16LE(10); count > 0; count--) {
    const length = at + 9 <= body.length ? body.readUInt8(at + 8) : 0;
    if (length === 0 || at + 9 + length > body.length) throw foreignMark(path, "its fields are cut short");
    const offset = Number(body.readBigUInt64LE(at));
    const end = (fields.at(-1)?.offset ?? 0) + (fields.at(-1)?.bytes.length ?? 0);
    if (offset < end || offset + length > fileLength) throw foreignMark(path, `it has a field at ${offset}`);
    fields.push({ offset, bytes: new Uint8Array(body.subarray(at + 9, at + 9 + length)) });
    at += 9 + length;
  }
  if (at !== body.length) throw foreignMark(path, `${body.length - at} bytes follow its last field`);
  const identity = body.subarray(24, nameOffset).toString("hex");
  return { format, fileLength, identity, frozenCrc32: body.readUInt32LE(12), fields };
}

/** The fault of something that is in a mark's place and is none, or not one to be trusted. */
export function foreignMark(path: string, why: string): StampError {
  return new StampError("STAMP_MARK_FOREIGN", `${path} is not a mark of this program: ${why}`, {
    mark: path,
  });
}
