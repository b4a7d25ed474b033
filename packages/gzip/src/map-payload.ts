// The gzip map: the data of our subfield of FEXTRA. FORMAT.md, "gzip map"; all numbers are little-endian.
//
//   0   4  magic "bstm"
//   4   2  version, 1
//   6   1  log2 of the segment length
//   7   1  W, bytes of a packed length in an entry
//   8   8  length of the raw image
//   16  4  CRC-32 of the base's raw bytes
//   20  1  length of the engine's description, then as many printable ASCII characters
//       .  number of stored extents, then for each: 4 KiB blocks since the one before, 4 KiB blocks in it (LEB128)
//          for each segment that is not stored:
//       W    twice its packed length, plus one if it holds zeros only
//       2    the lowest 16 bits of the CRC-32 of its raw bytes
//       4  CRC-32 of all of the above
import { crc32 } from "@bootstamp/crc";
import { type Extent, extentEnd, MapError, storableBlockLength } from "@bootstamp/segment-map";
import { countCuts, type Layout, maxRawLength, pieceLength } from "./layout.ts";
import { NumberReader, pushUint, pushVarint } from "./number-bytes.ts";
import { checkLength } from "./segment-check.ts";
import { storedLength } from "./stored-run.ts";
import { damaged } from "./map-fault.ts";

export interface MapPayload {
  readonly layout: Layout;
  readonly baseCrc32: number;
  /** Printable ASCII, at most 255 characters. */
  readonly engine: string;
  /** Of the segments that are not stored, in order. */
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly packedLength: number;
  readonly zero: boolean;
  /** See {@link checkOf}. */
  readonly check: number;
}

export const mapVersion = 1;
const magic = Uint8Array.of(0x62, 0x73, 0x74, 0x6d);
export const magicLength: number = magic.length;
const crcLength = 4;
const fixedLength = 21 + crcLength;

/** Length of the map, which does not depend on how well the segments compress. */
export function payloadLength(layout: Layout, engine: string): number {
  const entries = countCuts(layout, layout.segmentLength, false);
  return fixedLength + engine.length + encodeExtents(layout.stored).length + entries * entryLength(layout);
}

/** Bytes that one entry takes. */
export function entryLength(layout: Pick<Layout, "segmentLength">): number {
  return lengthWidth(layout) + checkLength;
}

/** Bytes that an entry has for the packed length: enough for a segment that does not compress at all. */
function lengthWidth({ segmentLength }: Pick<Layout, "segmentLength">): number {
  const largest = 2 * storedLength(segmentLength) + 1;
  let width = 1;
  for (let limit = 256; limit <= largest; limit *= 256) width++;
  return width;
}

export function encodePayload({ layout, baseCrc32, engine, entries }: MapPayload): Uint8Array {
  const width = lengthWidth(layout);
  const bytes = [...magic];
  pushUint(bytes, mapVersion, 2);
  bytes.push(Math.log2(layout.segmentLength), width);
  pushUint(bytes, layout.rawLength, 8);
  pushUint(bytes, baseCrc32, 4);
  bytes.push(engine.length, ...Buffer.from(engine, "latin1"), ...encodeExtents(layout.stored));
  for (const { packedLength, zero, check } of entries) {
    pushUint(bytes, 2 * packedLength + (zero ? 1 : 0), width);
    pushUint(bytes, check, checkLength);
  }
  pushUint(bytes, crc32.of(Uint8Array.from(bytes)), crcLength);
  return Uint8Array.from(bytes);
}

export function encodeExtents(stored: readonly Extent[]): number[] {
  const bytes: number[] = [];
  pushVarint(bytes, stored.length);
  let end = 0;
  for (const extent of stored) {
    pushVarint(bytes, (extent.offset - end) / storableBlockLength);
    pushVarint(bytes, Math.ceil(extent.length / storableBlockLength));
    end = extentEnd(extent);
  }
  return bytes;
}

/** Whether `bytes` begin as a map of any version does. */
export function beginsAsMap(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, magic.length), magic) === 0;
}

/**
 * Takes a map apart and checks that it can be one, whoever wrote it.
 * @throws MapError `MAP_DAMAGED`, `MAP_VERSION`.
 */
export function parsePayload(bytes: Uint8Array): MapPayload {
  const body = bytes.subarray(0, Math.max(0, bytes.length - crcLength));
  const crc = new NumberReader(bytes.subarray(body.length)).uint(crcLength);
  // Before the version: whether damage or another version, only the checksum can tell.
  if (crc32.of(body) !== crc) throw damaged("its checksum does not fit its bytes");
  const reader = new NumberReader(body);
  reader.take(magic.length);
  checkVersion(reader.uint(2));
  const segmentLength = parseSegmentLength(reader.uint(1));
  const width = reader.uint(1);
  const rawLength = reader.uint(8);
  if (rawLength > maxRawLength) throw damaged(`an image of ${rawLength} bytes, more than ${maxRawLength}`);
  const baseCrc32 = reader.uint(4);
  const engine = parseEngine(reader.take(reader.uint(1)));
  const layout = { rawLength, segmentLength, stored: parseExtents(reader, rawLength) };
  if (width !== lengthWidth(layout))
    throw damaged(`packed lengths of ${width} bytes, expected ${lengthWidth(layout)}`);
  return { layout, baseCrc32, engine, entries: parseEntries(reader, layout, width) };
}

function checkVersion(version: number): void {
  if (version === mapVersion) return;
  throw new MapError(
    "MAP_VERSION",
    `the gzip map is of version ${version}, this program knows ${mapVersion}`,
    {
      version,
    },
  );
}

function parseSegmentLength(log2: number): number {
  const segmentLength = 2 ** log2;
  if (segmentLength >= pieceLength && segmentLength <= maxRawLength) return segmentLength;
  throw damaged(`segments of 2^${log2} bytes`);
}

function parseEngine(bytes: Uint8Array): string {
  // Printed on terminals as it is: no control characters.
  if (bytes.some((byte) => byte < 0x20 || byte > 0x7e))
    throw damaged("the engine's description is not ASCII");
  return Buffer.from(bytes).toString("latin1");
}

function parseExtents(reader: NumberReader, rawLength: number): Extent[] {
  const count = reader.varint();
  // An extent takes two bytes at least: no list is begun that cannot be there.
  if (count > reader.rest / 2) throw damaged(`${count} stored extents in ${reader.rest} bytes`);
  const stored: Extent[] = [];
  for (let end = 0; stored.length < count;) {
    const gap = reader.varint();
    const blocks = reader.varint();
    const offset = end + gap * storableBlockLength;
    const apart = gap > 0 || stored.length === 0;
    // Only the last block of the image may be cut short by its end.
    const fits = blocks > 0 && apart && offset + (blocks - 1) * storableBlockLength < rawLength;
    if (!fits) throw damaged(`${blocks} blocks stored at offset ${offset} of ${rawLength}`);
    end = Math.min(offset + blocks * storableBlockLength, rawLength);
    stored.push({ offset, length: end - offset });
  }
  return stored;
}

function parseEntries(reader: NumberReader, layout: Layout, width: number): MapEntry[] {
  const count = countCuts(layout, layout.segmentLength, false);
  const length = width + checkLength;
  if (count * length !== reader.rest) {
    throw damaged(`${reader.rest} bytes for ${count} segments of ${length} bytes each`);
  }
  return Array.from({ length: count }, () => {
    const entry = reader.uint(width);
    return { packedLength: Math.floor(entry / 2), zero: entry % 2 === 1, check: reader.uint(checkLength) };
  });
}
