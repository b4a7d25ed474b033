// Index files as indexed_gzip writes and reads them, so do nbdkit's indexed-gzip filter and rapidgzip. Little-endian.
//
//   0   "GZIDX"  version 1 (1)  0 (1)
//   7   compressed size (8)  uncompressed size (8)  spacing (4)  window size (4)  number of points (4)
//   35  points, 18 bytes each: point-table.ts
//       windows of the points that have one, in order
//
// indexed_gzip does not look at what follows. We put there what binds the index to its file, and a CRC-32 for each span,
// by which damage shows that a reader at random would not see:
//
//       "BSGZIDX1"  the last 8 bytes of the .gz (8)  CRC-32 of the raw bytes from each point on (4 each)
//       CRC-32 of all of this but the windows (4)
import { crc32 } from "node:zlib";
import type { ByteSource } from "@bootstamp/byte-source";
import { windowLength } from "./block-inflater.ts";
import type { GzipIndex } from "./gzip-index.ts";
import { GzipIndexError } from "./gzip-index-error.ts";
import { pointLength, PointTable, type SeekPoint } from "./point-table.ts";

const magic: Uint8Array = Buffer.from("GZIDX\u0001\0", "latin1");
const headLength = 35;
const footMagic: Uint8Array = Buffer.from("BSGZIDX1", "latin1");
const tailLength = 8;
/** indexed_gzip refuses indexes of a spacing that is not larger than a window. */
const leastSpacing: number = 2 * windowLength;
/** 72 MiB of points, as many as a file of a tebibyte has that is made of blocks of 256 KiB. */
const maxPoints: number = 4 << 20;

/** The last bytes of a .gz: CRC-32 and length of its last member, unless zeros or garbage follow. */
export async function readTail(packed: ByteSource): Promise<Uint8Array> {
  const length = Math.min(tailLength, packed.length);
  const tail = new Uint8Array(tailLength);
  tail.set(await packed.read(packed.length - length, length));
  return tail;
}

/** The bytes of an index file, a piece for each window. Reads the end of the .gz that it is for. */
export async function* encodeGzipIndex(index: GzipIndex, packed: ByteSource): AsyncGenerator<Uint8Array> {
  const head = encodeHead(index);
  yield head;
  yield index.points.bytes;
  for (let point = 0; point < index.points.length; point++) {
    const window = await index.window(point);
    if (window !== undefined) yield window;
  }
  if (index.spanCrc32s !== undefined)
    yield encodeFoot(head, index.points.bytes, await readTail(packed), index.spanCrc32s);
}

/** Where nothing refers back to what is before: behind a full flush, or where a member's data begins. */
export interface FlushPoint {
  readonly rawOffset: number;
  /** Of the first byte of a deflate block. */
  readonly packedOffset: number;
}

/**
 * An index file of points that need no window, for tools that are to read at random in a .gz of ours.
 * @param points ascending, the first at raw offset 0; the end of the file is added.
 */
export function encodeFlushIndex(
  lengths: { readonly packedLength: number; readonly rawLength: number },
  points: readonly FlushPoint[],
): Uint8Array {
  const end = { rawOffset: lengths.rawLength, packedOffset: lengths.packedLength };
  const seekPoint = ({ rawOffset, packedOffset }: FlushPoint): SeekPoint => {
    return { rawOffset, packedOffset, bits: 0, hasWindow: false };
  };
  const table = PointTable.of([...points, end].map(seekPoint));
  return Buffer.concat([encodeHead({ ...lengths, spacing: leastSpacing, points: table }), table.bytes]);
}

function encodeHead(index: Pick<GzipIndex, "packedLength" | "rawLength" | "spacing" | "points">): Uint8Array {
  const head = new Uint8Array(headLength);
  const view = new DataView(head.buffer);
  head.set(magic);
  view.setBigUint64(7, BigInt(index.packedLength), true);
  view.setBigUint64(15, BigInt(index.rawLength), true);
  view.setUint32(23, Math.min(2 ** 32 - 1, Math.max(leastSpacing, index.spacing)), true);
  view.setUint32(27, windowLength, true);
  view.setUint32(31, index.points.length, true);
  return head;
}

function encodeFoot(
  head: Uint8Array,
  table: Uint8Array,
  tail: Uint8Array,
  spanCrc32s: Uint32Array,
): Uint8Array {
  const foot = new Uint8Array(footLengthOf(spanCrc32s.length));
  const view = new DataView(foot.buffer);
  foot.set(footMagic);
  foot.set(tail, footMagic.length);
  spanCrc32s.forEach((sum, point) => view.setUint32(footMagic.length + tailLength + point * 4, sum, true));
  view.setUint32(foot.length - 4, checkOf(head, table, foot), true);
  return foot;
}

function footLengthOf(pointCount: number): number {
  return footMagic.length + tailLength + pointCount * 4 + 4;
}

function checkOf(head: Uint8Array, table: Uint8Array, foot: Uint8Array): number {
  return [head, table, foot.subarray(0, -4)].reduce((sum, part) => crc32(part, sum), 0);
}

/**
 * Reads an index file, but for its windows, which are read when they are needed: `file` must stay open.
 * @throws GzipIndexError `GZINDEX_NOT_AN_INDEX`, `GZINDEX_INDEX_DAMAGED`, `GZINDEX_INCOMPLETE`, and
 * `GZINDEX_OTHER_FILE` unless it is for a .gz of the length and, if it is ours, the last bytes of `packed`.
 */
export async function parseGzipIndex(file: ByteSource, packed: ByteSource): Promise<GzipIndex> {
  const head = await file.read(0, Math.min(headLength, file.length));
  const lengths = parseHead(head, packed.length);
  const tableEnd = headLength + lengths.pointCount * pointLength;
  if (tableEnd > file.length) throw damaged(`it has ${file.length} bytes, less than its points take`);
  const points = new PointTable(await file.read(headLength, tableEnd - headLength));
  checkPoints(points, lengths);
  const places = windowPlaces(points, tableEnd);
  const windowsEnd = tableEnd + places.count * windowLength;
  if (windowsEnd > file.length) throw damaged(`it has ${file.length} bytes, less than its windows take`);
  const foot = await file.read(windowsEnd, Math.min(file.length - windowsEnd, footLengthOf(points.length)));
  const isWhole = foot.length + windowsEnd === file.length;
  if (!isWhole) throw damaged(`it has ${file.length} bytes, more than it needs`);
  const spanCrc32s = foot.length === 0 ? undefined : parseFoot(head, points, foot, await readTail(packed));
  return {
    ...lengths,
    points,
    spanCrc32s,
    window: async (point) => {
      const place = places.offset(point);
      return place === undefined ? undefined : await file.read(place, windowLength);
    },
  };
}

interface HeadFields {
  readonly packedLength: number;
  readonly rawLength: number;
  readonly spacing: number;
  readonly pointCount: number;
}

function parseHead(head: Uint8Array, packedLength: number): HeadFields {
  if (Buffer.compare(head.subarray(0, magic.length), magic) !== 0) {
    const begins = Buffer.from(head.subarray(0, 7)).toString("hex");
    throw new GzipIndexError(
      "GZINDEX_NOT_AN_INDEX",
      `not an index of a .gz, version 1: it begins with ${begins}`,
    );
  }
  if (head.length < headLength) throw damaged(`it ends after ${head.length} bytes`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const [packedSize, rawSize] = [view.getBigUint64(7, true), view.getBigUint64(15, true)];
  if (packedSize !== BigInt(packedLength))
    throw otherFile(`it is for a file of ${packedSize} bytes, this one has ${packedLength}`);
  if (rawSize > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(`it is for ${rawSize} uncompressed bytes`);
  if (view.getUint32(27, true) !== windowLength)
    throw damaged(`its windows have ${view.getUint32(27, true)} bytes, expected ${windowLength}`);
  const pointCount = view.getUint32(31, true);
  if (pointCount > maxPoints) throw damaged(`it has ${pointCount} points, expected ${maxPoints} at most`);
  if (pointCount === 0 || rawSize === 0n)
    throw new GzipIndexError("GZINDEX_INCOMPLETE", "the index of the .gz does not reach to its end");
  return { packedLength, rawLength: Number(rawSize), spacing: view.getUint32(23, true), pointCount };
}

function checkPoints(points: PointTable, { packedLength, rawLength }: HeadFields): void {
  let before = { rawOffset: 0, packedOffset: 0 };
  for (let index = 0; index < points.length; index++) {
    const point = points.at(index);
    const { rawOffset, packedOffset, bits, hasWindow } = point;
    const isFirst = index === 0;
    const isInOrder = rawOffset >= before.rawOffset && packedOffset >= before.packedOffset;
    const isInside = rawOffset <= rawLength && packedOffset <= packedLength && packedOffset > 0;
    if (!isInOrder || !isInside || bits > 7 || (isFirst && rawOffset !== 0))
      throw damaged(
        `point ${index} at ${packedOffset}, ${bits} bits, for ${rawOffset} does not follow ${before.packedOffset} for ${before.rawOffset}`,
      );
    // Only the end of the file, which nobody inflates from, has bits without a window.
    if (bits > 0 && !hasWindow && rawOffset < rawLength)
      throw damaged(`point ${index} has bits and no window`);
    before = point;
  }
}

/** Where each point's window is in the file. */
interface WindowPlaces {
  readonly count: number;
  readonly offset: (point: number) => number | undefined;
}

function windowPlaces(points: PointTable, from: number): WindowPlaces {
  const ranks = new Int32Array(points.length);
  let count = 0;
  for (let index = 0; index < points.length; index++)
    ranks[index] = points.at(index).hasWindow ? count++ : -1;
  return {
    count,
    offset: (point) => {
      const rank = ranks[point] ?? -1;
      return rank < 0 ? undefined : from + rank * windowLength;
    },
  };
}

function parseFoot(head: Uint8Array, points: PointTable, foot: Uint8Array, tail: Uint8Array): Uint32Array {
  if (foot.length !== footLengthOf(points.length) || !beginsWith(foot, footMagic))
    throw damaged(`${foot.length} unknown bytes follow its windows`);
  const view = new DataView(foot.buffer, foot.byteOffset, foot.byteLength);
  if (checkOf(head, points.bytes, foot) !== view.getUint32(foot.length - 4, true))
    throw damaged("its own CRC-32 does not match");
  if (!beginsWith(foot.subarray(footMagic.length), tail)) throw otherFile("the two end differently");
  const from = footMagic.length + tailLength;
  return Uint32Array.from({ length: points.length }, (_, point) => view.getUint32(from + point * 4, true));
}

function beginsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, beginning.length), beginning) === 0;
}

function damaged(detail: string): GzipIndexError {
  return new GzipIndexError("GZINDEX_INDEX_DAMAGED", `the index of the .gz is damaged: ${detail}`);
}

function otherFile(detail: string): GzipIndexError {
  return new GzipIndexError("GZINDEX_OTHER_FILE", `the index is for another .gz: ${detail}`);
}
