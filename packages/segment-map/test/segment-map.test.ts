import {
  checkSegmentMap,
  segmentIndexAt,
  storedExtents,
  type Segment,
  type SegmentKind,
  type SegmentMap,
} from "@bootstamp/segment-map";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const kind = fc.constantFrom<SegmentKind>("stored", "compressed", "zero");
const length = fc.integer({ min: 1, max: 1e9 });
const part = fc.record({ kind, rawLength: length, packedLength: length, packedGap: fc.nat(20) });

/** A sound map: as a format would read it from a sound file. */
const soundMap = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 30 }), fc.nat(40))
  .map(([parts, tail]): SegmentMap => {
    let rawLength = 0;
    let packedLength = 0;
    const segments = parts.map(({ packedGap, ...one }): Segment => {
      const segment = { ...one, rawOffset: rawLength, packedOffset: packedLength + packedGap };
      rawLength += one.rawLength;
      packedLength = segment.packedOffset + one.packedLength;
      return segment;
    });
    const unknown = { base: undefined, rawCrc32: undefined, engine: undefined };
    return Object.assign(unknown, { format: "test", rawLength, packedLength: packedLength + tail, segments });
  });

const damages: Record<string, (segment: Segment) => Segment> = {
  "an empty raw side": (segment) => ({ ...segment, rawLength: 0 }),
  "a negative raw side": (segment) => ({ ...segment, rawLength: -segment.rawLength }),
  "a raw offset too high": (segment) => ({ ...segment, rawOffset: segment.rawOffset + 1 }),
  "a raw length too high": (segment) => ({ ...segment, rawLength: segment.rawLength + 1 }),
  "an empty packed side": (segment) => ({ ...segment, packedLength: 0 }),
  "a packed offset before the last": (segment) => ({ ...segment, packedOffset: -1 }),
  "a packed end outside the file": (segment) => ({ ...segment, packedLength: 1e12 }),
  "a length that is no number": (segment) => ({ ...segment, rawLength: NaN }),
};

describe("checkSegmentMap", () => {
  test("takes what is sound", () => {
    fc.assert(
      fc.property(soundMap, (map) => {
        expect(() => checkSegmentMap(map)).not.toThrow();
      }),
    );
  });

  test.for(Object.entries(damages))("refuses %s, in any segment", ([, damage]) => {
    fc.assert(
      fc.property(soundMap, fc.nat(), (map, choice) => {
        const chosen = choice % map.segments.length;
        const segments = map.segments.map((one, index) => (index === chosen ? damage(one) : one));
        expect(() => checkSegmentMap({ ...map, segments })).toThrow(
          expect.objectContaining({ code: "MAP_INCONSISTENT" }),
        );
      }),
    );
  });

  test("refuses segments that end before the image does", () => {
    fc.assert(
      fc.property(soundMap, length, (map, more) => {
        expect(() => checkSegmentMap({ ...map, rawLength: map.rawLength + more })).toThrow(
          /segments end at raw offset/,
        );
      }),
    );
  });
});

describe("segmentIndexAt", () => {
  test("finds the one segment that holds the offset", () => {
    fc.assert(
      fc.property(soundMap, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (map, share) => {
        const offset = Math.floor(map.rawLength * share);
        const found = segmentIndexAt(map, offset);
        const expected = map.segments.findIndex(({ rawOffset, rawLength }) => offset < rawOffset + rawLength);
        expect(found).toBe(expected);
      }),
    );
  });

  test.for([-1, NaN, Infinity])("refuses offset %s", (offset) => {
    fc.assert(
      fc.property(soundMap, (map) => {
        expect(() => segmentIndexAt(map, offset)).toThrow(RangeError);
      }),
    );
  });

  test("refuses the image's end", () => {
    fc.assert(
      fc.property(soundMap, (map) => {
        expect(() => segmentIndexAt(map, map.rawLength)).toThrow(RangeError);
      }),
    );
  });
});

test("storedExtents gives each stored segment's raw bytes, neighbours joined", () => {
  fc.assert(
    fc.property(soundMap, (map) => {
      const found = storedExtents(map);
      const stored = map.segments.filter((segment) => segment.kind === "stored");
      const inside = (offset: number): boolean =>
        found.some((extent) => offset >= extent.offset && offset < extent.offset + extent.length);
      for (const { kind: is, rawOffset, rawLength } of map.segments) {
        expect(inside(rawOffset)).toBe(is === "stored");
        expect(inside(rawOffset + rawLength - 1)).toBe(is === "stored");
      }
      const total = stored.reduce((sum, { rawLength }) => sum + rawLength, 0);
      expect(found.reduce((sum, extent) => sum + extent.length, 0)).toBe(total);
      expect(found.length).toBeLessThanOrEqual(stored.length);
    }),
  );
});
