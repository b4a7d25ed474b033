import { crc32 as zlibCrc32 } from "node:zlib";
import { crc32 } from "@bootstamp/crc";
import { MapError, type Segment, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";

const headLength = 8;
const segmentLength = 8192;
const magic = Buffer.from("IDENTITY");

/** "IDENTITY", the raw bytes as they are, their CRC-32 (little endian): the least that can be stamped. */
export function encodeIdentity(raw: Uint8Array): Uint8Array {
  const trailer = Buffer.alloc(4);
  trailer.writeUInt32LE(zlibCrc32(raw));
  return new Uint8Array(Buffer.concat([magic, raw, trailer]));
}

const unused = (): never => {
  throw new Error("not needed to stamp");
};

/** @param length of every segment but the last. */
export function identityFormat(length = segmentLength): StreamFormat {
  return {
    name: "identity",
    extension: ".identity",
    moduleUrl: import.meta.url,
    storedBlockLength: 1,
    settle: unused,
    plan: unused,
    encoderMemory: unused,
    decoderMemory: unused,
    createEncoder: unused,
    openFrame: unused,
    planSplice: unused,
    pad: unused,
    splice: unused,
    readOutline: unused,
    recognises: (firstBytes) => magic.equals(firstBytes.subarray(0, headLength)),
    readMap: async (packed): Promise<SegmentMap> => {
      const head = await packed.read(0, headLength);
      if (!magic.equals(head)) throw new MapError("MAP_NOT_THIS_FORMAT", "not an identity file");
      const trailer = await packed.read(packed.length - 4, 4);
      const rawLength = packed.length - headLength - 4;
      const rawCrc32 = Buffer.from(trailer).readUInt32LE();
      const base = { rawLength, rawCrc32 };
      const segments = cut(rawLength, length);
      return {
        format: "identity",
        rawLength,
        packedLength: packed.length,
        segments,
        base,
        rawCrc32,
        engine: "",
      };
    },
    decode: async function* (_map, segment, packed) {
      const half = Math.ceil(segment.rawLength / 2);
      yield await packed.read(segment.packedOffset, half);
      yield await packed.read(segment.packedOffset + half, segment.rawLength - half);
    },
    readStored: async (_map, _segment, packed, rawOffset, count) =>
      await packed.read(headLength + rawOffset, count),
    locateStored: async (_map, _segment, _packed, rawOffset, count) => [
      { offset: headLength + rawOffset, length: count },
    ],
    reseal: async (map) => {
      const trailer = Buffer.alloc(4);
      trailer.writeUInt32LE(map.rawCrc32 ?? 0);
      return [{ offset: map.packedLength - 4, bytes: trailer }];
    },
    seal: async (map, patch, packed) => {
      const before = Buffer.from(await packed.read(packed.length - 4, 4)).readUInt32LE();
      if (before !== map.rawCrc32) throw new MapError("MAP_INCONSISTENT", "the map is of another file");
      let rawCrc32 = before;
      const writes = [];
      for (const { offset, bytes, replacedCrc32 } of patch) {
        const old = await packed.read(headLength + offset, bytes.length);
        if (zlibCrc32(old) !== replacedCrc32) throw new MapError("MAP_PATCH_OTHER_BASE", `at ${offset}`);
        const tailLength = map.rawLength - offset - bytes.length;
        rawCrc32 = crc32.patch(rawCrc32, replacedCrc32, zlibCrc32(bytes), tailLength);
        writes.push({ offset: headLength + offset, bytes });
      }
      const trailer = Buffer.alloc(4);
      trailer.writeUInt32LE(rawCrc32);
      return { writes: [...writes, { offset: map.packedLength - 4, bytes: trailer }], rawCrc32 };
    },
  };
}

function cut(rawLength: number, length: number): Segment[] {
  const segments: Segment[] = [];
  for (let offset = 0; offset < rawLength; offset += length) {
    const count = Math.min(length, rawLength - offset);
    const packedOffset = headLength + offset;
    segments.push({
      kind: "stored",
      rawOffset: offset,
      rawLength: count,
      packedOffset,
      packedLength: count,
    });
  }
  return segments;
}
