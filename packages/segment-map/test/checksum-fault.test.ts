import { checksumFault, type SegmentKind, type SegmentMap } from "@bootstamp/segment-map";
import { expect, test } from "vitest";

function mapOf(kinds: readonly SegmentKind[], storedUnchecked: boolean): SegmentMap {
  const segments = kinds.map((kind, index) => ({
    kind,
    rawOffset: index * 100,
    rawLength: 100,
    packedOffset: index * 100,
    packedLength: 100,
  }));
  return {
    format: "test",
    rawLength: kinds.length * 100,
    packedLength: kinds.length * 100,
    segments,
    base: { rawLength: kinds.length * 100, rawCrc32: 0xba5e },
    rawCrc32: 0xc1a1,
    engine: undefined,
    ...(storedUnchecked ? { storedUnchecked } : {}),
  };
}

const head = "the file decodes to bytes of CRC-32 00000bad, but says 0000c1a1: every";

test.each([
  [
    mapOf(["compressed", "stored", "zero", "stored"], true),
    0xbad,
    `${head} compressed segment is as its own check says, so the damage is in the checksum itself or in the stored extents: 100 bytes at 100, 100 bytes at 300`,
  ],
  [
    mapOf(["compressed", "stored"], false),
    0xbad,
    `${head} segment is as its own check says, so the checksum itself is damaged`,
  ],
  [
    mapOf(["compressed"], true),
    0xbad,
    `${head} segment is as its own check says, so the checksum itself is damaged`,
  ],
  [
    mapOf(["stored"], true),
    0xba5e,
    "the file decodes to bytes of CRC-32 0000ba5e, but says 0000c1a1: the bytes are the base's, so the checksum itself is damaged",
  ],
])("a wrong checksum says where the damage must be: %#", (map, got, message) => {
  expect(checksumFault(map, got)).toMatchObject({
    code: "MAP_CHECKSUM",
    message,
    fields: { got, expected: 0xc1a1 },
  });
});
