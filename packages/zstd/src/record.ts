// What the zstd format has no place for: a skippable frame (RFC 8878 §3.1.2) right before the seek table. FORMAT.md, "The
// record"; all numbers are little-endian.
//
//   0    53 2A 4D 18  length of what follows u32
//   8    magic "bstm"
//   12   version u16, 1
//   14   E u8, length of the engine's description  0
//   16   length of the raw image u64
//   24   CRC-32 of the base's raw bytes u32
//   28   R u32, number of runs
//   32   for each run of segments of one kind: how many times 4, plus 0 compressed, 1 zero, 2 stored; u32
//        the engine's description, E printable ASCII characters
//   -8   CRC-32 of the raw bytes as they are now u32: a stamp changes it
//   -4   CRC-32 of all from the magic on u32
import { crc32 } from "@bootstamp/crc";
import { MapError, type SegmentKind } from "@bootstamp/segment-map";
import { isSkippable, skippableHeaderLength, skippableLength } from "./frame-header.ts";
import { maxFrameCount } from "./layout.ts";
import { damaged } from "./map-fault.ts";
import { viewOf } from "./view-of.ts";

export interface FileRecord {
  readonly rawLength: number;
  readonly baseCrc32: number;
  readonly rawCrc32: number;
  /** Printable ASCII, at most 255 characters. */
  readonly engine: string;
  /** Of the segments, in order. */
  readonly kinds: readonly KindRun[];
}

/** Neighbours of one kind. */
export interface KindRun {
  readonly kind: SegmentKind;
  readonly count: number;
}

/** Adds a segment to the runs: to the last one if that is of its kind. */
export function addKind(runs: KindRun[], kind: SegmentKind): void {
  const last = runs.at(-1);
  if (last?.kind === kind) runs[runs.length - 1] = { kind, count: last.count + 1 };
  else runs.push({ kind, count: 1 });
}

const recordVersion = 1;
/** The fourth of the numbers for skippable frames: nobody known to us uses it, and the magic in it tells. */
const recordMagic = 0x184d_2a53;
const magic = Uint8Array.of(0x62, 0x73, 0x74, 0x6d);
const kindNumbers: readonly SegmentKind[] = ["compressed", "zero", "stored"];

const runsOffset = 32;
const runLength = 4;
/** The two checksums at the end, all that a stamp changes. */
export const recordEndLength = 8;
const minLength: number = runsOffset + recordEndLength;
/** No record has more runs than segments. */
export const maxRecordLength: number = minLength + 255 + maxFrameCount * runLength;
/** What of a frame tells whether it is a record, of any version. */
export const recordSignatureLength: number = skippableHeaderLength + magic.length;

export function encodeRecord({ rawLength, baseCrc32, rawCrc32, engine, kinds }: FileRecord): Uint8Array {
  const engineOffset = runsOffset + kinds.length * runLength;
  const bytes = new Uint8Array(engineOffset + engine.length + recordEndLength);
  const view = viewOf(bytes);
  view.setUint32(0, recordMagic, true);
  view.setUint32(4, bytes.length - skippableHeaderLength, true);
  bytes.set(magic, skippableHeaderLength);
  view.setUint16(12, recordVersion, true);
  view.setUint8(14, engine.length);
  view.setBigUint64(16, BigInt(rawLength), true);
  view.setUint32(24, baseCrc32, true);
  view.setUint32(28, kinds.length, true);
  for (const [index, { kind, count }] of kinds.entries()) {
    view.setUint32(runsOffset + index * runLength, count * 4 + kindNumbers.indexOf(kind), true);
  }
  bytes.set(Buffer.from(engine, "latin1"), engineOffset);
  view.setUint32(bytes.length - 8, rawCrc32, true);
  view.setUint32(bytes.length - 4, crc32.of(bytes.subarray(skippableHeaderLength, -4)), true);
  return bytes;
}

/** Whether the frame that begins with `bytes` is a record, of any version. */
export function beginsAsRecord(bytes: Uint8Array): boolean {
  return isSkippable(bytes) && Buffer.compare(bytes.subarray(skippableHeaderLength, 12), magic) === 0;
}

/** Whether the frame that begins with `bytes` has the number of a record, which others may use too. */
export function hasRecordNumber(bytes: Uint8Array): boolean {
  return isSkippable(bytes) && viewOf(bytes).getUint32(0, true) === recordMagic;
}

/** Whether a whole frame is a record but for its magic: then it is one that is damaged, not another program's. */
export function isRecordBehindMagic(frame: Uint8Array): boolean {
  if (frame.length < minLength) return false;
  const behind = frame.subarray(skippableHeaderLength + magic.length, -4);
  return crc32.of(behind, crc32.of(magic)) === viewOf(frame).getUint32(frame.length - 4, true);
}

/**
 * Takes a record apart and checks that it can be one, whoever wrote it.
 * @throws MapError `MAP_DAMAGED`, `MAP_VERSION`.
 */
export function parseRecord(bytes: Uint8Array): FileRecord {
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== recordMagic || skippableLength(bytes) !== bytes.length)
    throw damaged(`the record's ${bytes.length} bytes are not framed as one`);
  if (bytes.length < minLength) throw damaged(`the record has ${bytes.length} bytes`);
  // Before the version: whether damage or another version, only the checksum can tell.
  if (crc32.of(bytes.subarray(skippableHeaderLength, -4)) !== view.getUint32(bytes.length - 4, true))
    throw damaged("the record's checksum does not fit its bytes");
  checkVersion(view.getUint16(12, true));
  const engineLength = view.getUint8(14);
  const runCount = view.getUint32(28, true);
  const engineOffset = runsOffset + runCount * runLength;
  if (engineOffset + engineLength + recordEndLength !== bytes.length || view.getUint8(15) !== 0)
    throw damaged(`the record's ${bytes.length} bytes do not hold ${runCount} runs alone`);
  return {
    rawLength: Number(view.getBigUint64(16, true)),
    baseCrc32: view.getUint32(24, true),
    rawCrc32: view.getUint32(bytes.length - 8, true),
    engine: parseEngine(bytes.subarray(engineOffset, engineOffset + engineLength)),
    kinds: Array.from({ length: runCount }, (_, index) =>
      parseRun(view.getUint32(runsOffset + index * runLength, true)),
    ),
  };
}

/** A record's last 8 bytes with another CRC-32 of the raw bytes in them. `end` is what they were. */
export function resealRecordEnd(end: Uint8Array, rawCrc32: number): Uint8Array {
  const resealed = new Uint8Array(recordEndLength);
  const view = viewOf(resealed);
  view.setUint32(0, rawCrc32, true);
  const before = crc32.of(end.subarray(0, 4));
  const after = crc32.of(resealed.subarray(0, 4));
  // By algebra rather than anew: a record that is damaged stays so.
  view.setUint32(4, crc32.patch(viewOf(end).getUint32(4, true), before, after, 0), true);
  return resealed;
}

/** CRC-32 of the raw bytes that a record with this end claims. */
export function rawCrc32At(end: Uint8Array): number {
  return viewOf(end).getUint32(0, true);
}

function checkVersion(version: number): void {
  if (version === recordVersion) return;
  throw new MapError(
    "MAP_VERSION",
    `the zstd record is of version ${version}, this program knows ${recordVersion}`,
    { version },
  );
}

function parseEngine(bytes: Uint8Array): string {
  // Printed on terminals as it is: no control characters.
  if (bytes.some((byte) => byte < 0x20 || byte > 0x7e))
    throw damaged("the engine's description is not ASCII");
  return Buffer.from(bytes).toString("latin1");
}

function parseRun(value: number): KindRun {
  const kind = kindNumbers[value % 4];
  const count = Math.floor(value / 4);
  if (kind === undefined || count === 0) throw damaged(`a run of ${count} segments of kind ${value % 4}`);
  return { kind, count };
}
