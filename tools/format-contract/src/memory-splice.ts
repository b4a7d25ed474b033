import { MemorySource, type Patch } from "@bootstamp/byte-source";
import { crc32, patchedCrc32 } from "@bootstamp/crc";
import {
  cutEvery,
  dealPatch,
  isZeroRun,
  type NewSegment,
  type PieceEncoder,
  type SegmentMap,
  splicedParts,
  type SplicePlan,
  type StreamFormat,
  type TouchedSegment,
} from "@bootstamp/segment-map";
import { decodeInMemory, packPiece, withWrites } from "./memory-press.ts";

/** New segments, and what they were packed to. */
interface Packed {
  readonly segment: NewSegment;
  readonly bytes: Uint8Array;
}

/**
 * Splices a patch into a file, in one thread and in memory: all that a format asks of whoever drives it. With `padded`,
 * each new segment gets the length of the old one where the format has padding for that.
 */
export async function spliceInMemory(
  format: StreamFormat,
  packed: Uint8Array,
  patch: Patch,
  padded = false,
): Promise<Uint8Array> {
  const before = await format.readMap(new MemorySource(packed));
  const touched = dealPatch(before, patch);
  const sealed = await sealStored(format, before, touched, packed);
  const source = new MemorySource(sealed);
  const map = await format.readMap(source);
  const anew = touched.filter(({ segment }) => segment.kind !== "stored");
  const plan = await format.planSplice(
    map,
    anew.map(({ segment }) => segment),
    source,
  );
  const encoder = await format.createEncoder(plan.settings);
  const made: Packed[] = [];
  for (const one of anew) {
    const raw = await decodeInMemory(format, map, one.segment, source);
    for (const { offset, bytes } of one.parts) raw.set(bytes, offset);
    made.push(await packSegment(format, plan, encoder, one, raw, padded));
  }
  const rawCrc32 = patchedCrc(before, patch);
  const segments = made.map(({ segment }) => segment);
  const splice = await format.splice(map, segments, rawCrc32, source);
  const parts = splicedParts(map, segments, splice).map((part) => {
    if (part.kind === "kept") return sealed.subarray(part.offset, part.offset + part.length);
    if (part.kind === "frame") return part.bytes;
    return made.find(({ segment }) => segment === part.segment)?.bytes ?? new Uint8Array();
  });
  return new Uint8Array(Buffer.concat(parts));
}

async function sealStored(
  format: StreamFormat,
  map: SegmentMap,
  touched: readonly TouchedSegment[],
  packed: Uint8Array,
): Promise<Uint8Array> {
  const source = new MemorySource(packed);
  const patch: Patch[number][] = [];
  for (const { segment, parts } of touched.filter((each) => each.segment.kind === "stored")) {
    for (const part of parts) {
      const offset = segment.rawOffset + part.offset;
      const old = await format.readStored(map, segment, source, offset, part.bytes.length);
      patch.push({ offset, bytes: part.bytes, replacedCrc32: crc32.of(old) });
    }
  }
  return withWrites(packed, (await format.seal(map, patch, source)).writes);
}

async function packSegment(
  format: StreamFormat,
  plan: SplicePlan,
  encoder: PieceEncoder,
  { index, segment }: TouchedSegment,
  raw: Uint8Array,
  padded: boolean,
): Promise<Packed> {
  const pieces: NewSegment["pieces"][number][] = [];
  const packed: Uint8Array[] = [];
  let rest = segment.packedLength;
  const end = segment.rawOffset + segment.rawLength;
  for (const piece of cutEvery({ ...segment, stored: false }, plan.pieceLength(segment))) {
    const from = piece.rawOffset - segment.rawOffset;
    const part = raw.subarray(from, from + piece.rawLength);
    let made = await packPiece(encoder, piece, part, isZeroRun(part));
    if (padded && piece.rawOffset + piece.rawLength === end) made = format.pad(made, rest) ?? made;
    const { bytes, kind } = made;
    pieces.push({
      piece,
      kind,
      packedLength: bytes.length,
      rawCrc32: crc32.of(part),
      note: structuredClone(made.note),
    });
    packed.push(bytes);
    rest -= bytes.length;
  }
  return { segment: { index, pieces }, bytes: new Uint8Array(Buffer.concat(packed)) };
}

/** The CRC-32 of the raw bytes after a patch; undefined where the map has none before it. */
export function patchedCrc({ rawCrc32, rawLength }: SegmentMap, patch: Patch): number | undefined {
  return rawCrc32 === undefined ? undefined : patchedCrc32(rawCrc32, rawLength, patch);
}
