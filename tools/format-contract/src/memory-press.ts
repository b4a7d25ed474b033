import { type ByteSource, MemorySource, type SyncByteSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import {
  checkSegmentMap,
  checksumFault,
  type EncodeChoice,
  type EncodedPiece,
  type Extent,
  isZeroRun,
  type PackedWrite,
  type Piece,
  type PieceEncoder,
  type Segment,
  type MapHead,
  type SegmentMap,
  type StreamFormat,
} from "@bootstamp/segment-map";

/** A press in one thread and in memory: all that a format asks of whoever drives it. */
export async function pressInMemory(
  format: StreamFormat,
  base: SyncByteSource,
  stored: readonly Extent[],
  choice: EncodeChoice,
): Promise<Uint8Array> {
  const settings = format.settle(choice);
  const plan = format.plan(base.length, stored, settings);
  const encoder = await format.createEncoder(settings);
  const frame = format.openFrame(plan, settings);
  const parts: Uint8Array[] = [];
  for (const piece of plan.pieces()) {
    const raw = new Uint8Array(piece.rawLength);
    base.readSync(piece.rawOffset, raw);
    const zero = !piece.stored && isZeroRun(raw);
    const { bytes, kind, note } = await packPiece(encoder, piece, raw, zero);
    parts.push(bytes);
    // As if it came from another thread.
    const sent = structuredClone(note);
    const rawCrc32 = zero ? crc32.zeros(raw.length) : crc32.of(raw);
    frame.add({ piece, kind, packedLength: bytes.length, rawCrc32, note: sent });
  }
  const { head, tail } = frame.finish();
  if (head.length !== plan.headLength) throw new Error(`head of ${head.length}, planned ${plan.headLength}`);
  return new Uint8Array(Buffer.concat([head, ...parts, tail]));
}

/** Packs one piece, as whoever drives an encoder does. */
export async function packPiece(
  encoder: PieceEncoder,
  piece: Piece,
  raw: Uint8Array,
  zero: boolean,
): Promise<EncodedPiece> {
  if (piece.stored) return encoder.store(raw);
  return await (zero ? encoder.zeros(raw.length) : encoder.compress(raw));
}

/**
 * Does what a program does that checks a whole file, by all of its map or by what it takes to read.
 * @throws MapError `MAP_*`, the whole's checksum included.
 */
export async function unpackInMemory(
  format: StreamFormat,
  packed: Uint8Array,
  by: "map" | "outline" = "map",
): Promise<{ readonly map: SegmentMap; readonly raw: Uint8Array }> {
  const source = new MemorySource(packed);
  const map = await (by === "map" ? format.readMap(source) : format.readOutline(source));
  checkSegmentMap(map);
  const parts: Uint8Array[] = [];
  for (const segment of map.segments) parts.push(await decodeInMemory(format, map, segment, source));
  const raw = new Uint8Array(Buffer.concat(parts));
  const rawCrc32 = crc32.of(raw);
  if (map.rawCrc32 !== undefined && map.rawCrc32 !== rawCrc32) throw checksumFault(map, rawCrc32);
  return { map, raw };
}

/** Decodes one segment. */
export async function decodeInMemory(
  format: StreamFormat,
  map: MapHead,
  segment: Segment,
  source: ByteSource,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of format.decode(map, segment, source)) parts.push(Buffer.from(part));
  const raw = new Uint8Array(Buffer.concat(parts));
  if (raw.length !== segment.rawLength) {
    throw new Error(`decoded ${raw.length} bytes of ${segment.rawLength}`);
  }
  return raw;
}

/** A copy of `packed` with a seal's writes in it. */
export function withWrites(packed: Uint8Array, writes: readonly PackedWrite[]): Uint8Array {
  const stamped = packed.slice();
  for (const { offset, bytes } of writes) stamped.set(bytes, offset);
  return stamped;
}
