// Ways in which files get broken, and attackers break them.
import type { Segment } from "@bootstamp/segment-map";
import fc from "fast-check";

/** A file that is to be broken. */
export interface Victim {
  readonly bytes: Uint8Array;
  /** Of the file as it was whole. */
  readonly segments: readonly Segment[];
  /** Another whole file of the same shape, to take parts from. */
  readonly other: Uint8Array;
}

export type Mutation = (victim: Victim) => Uint8Array;

/** Anywhere alike: left to itself, fast-check would break the first bytes of a file most of the time. */
const place = fc.noBias(fc.nat(2 ** 31 - 1)).map((value) => value / 2 ** 31);

/** Numbers at the edges of what 8, 16, 32, 53, 63 and 64 bits hold. */
const edges = [
  0n,
  1n,
  0x7fn,
  0xffffn,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(([at, value]) => overwrite(at, Uint8Array.of(value))),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 40 })).map(([at, bytes]) => overwrite(at, bytes)),
  fc.tuple(place, fc.nat(300)).map(([at, count]) => overwrite(at, new Uint8Array(count))),
  fc.tuple(place, fc.nat(300)).map(([at, count]) => overwrite(at, new Uint8Array(count).fill(0xff))),
  fc.tuple(place, number()).map(([at, bytes]) => overwrite(at, bytes)),
  fc.tuple(place, fc.nat(300)).map(([at, count]) => replace(at, count, new Uint8Array())),
  fc.tuple(place, fc.uint8Array({ maxLength: 40 })).map(([at, bytes]) => replace(at, 0, bytes)),
  fc.tuple(place, place, fc.nat(2000)).map(([to, from, count]) => copyWithin(to, from, count)),
  fc.tuple(place, fc.nat(2000)).map(([at, count]) => graft(at, count)),
  fc.tuple(place, place).map(([first, second]) => swapSegments(first, second)),
  fc.tuple(place, fc.nat(2)).map(([at, times]) => repeatSegment(at, times)),
);

/** A number at an edge, as formats write them: 2 to 8 bytes from either end, or 7 bits a byte. */
function number(): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...edges), fc.constantFrom(2, 3, 4, 6, 8), fc.nat(2))
    .map(([value, width, form]) => {
      if (form === 2) return variableLength(value);
      const bytes = Array.from({ length: width }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
      return Uint8Array.from(form === 0 ? bytes : bytes.toReversed());
    });
}

function variableLength(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Uint8Array.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

function overwrite(at: number, bytes: Uint8Array): Mutation {
  return (victim) => replace(at, bytes.length, bytes)(victim).slice(0, victim.bytes.length);
}

function replace(at: number, count: number, replacement: Uint8Array): Mutation {
  return ({ bytes }) => {
    const offset = Math.floor(at * bytes.length);
    return joined(bytes.subarray(0, offset), replacement, bytes.subarray(offset + count));
  };
}

function copyWithin(to: number, from: number, count: number): Mutation {
  return ({ bytes }) => {
    const source = Math.floor(from * bytes.length);
    return bytes.slice().copyWithin(Math.floor(to * bytes.length), source, source + count);
  };
}

/** Puts a part of the other file into its own place. */
function graft(at: number, count: number): Mutation {
  return ({ bytes, other }) => {
    const offset = Math.floor(at * bytes.length);
    const part = other.subarray(offset, Math.min(offset + count, bytes.length));
    const grafted = bytes.slice();
    grafted.set(part, offset);
    return grafted;
  };
}

/**
 * Exchanges two segments of unlike length. Alike ones cannot be told apart in a format that has no checksum of the
 * whole, by this program or any other.
 */
function swapSegments(first: number, second: number): Mutation {
  return ({ bytes, segments }) => {
    const [a, b] = [first, second]
      .map((at) => segments[Math.floor(at * segments.length)])
      .toSorted((x, y) => (x?.packedOffset ?? 0) - (y?.packedOffset ?? 0));
    if (a === undefined || b === undefined || a.packedLength === b.packedLength) return bytes;
    const aEnd = a.packedOffset + a.packedLength;
    const bEnd = b.packedOffset + b.packedLength;
    return joined(
      bytes.subarray(0, a.packedOffset),
      bytes.subarray(b.packedOffset, bEnd),
      bytes.subarray(aEnd, b.packedOffset),
      bytes.subarray(a.packedOffset, aEnd),
      bytes.subarray(bEnd),
    );
  };
}

/** Puts so many copies of a segment in its place: none takes it out. */
function repeatSegment(at: number, times: number): Mutation {
  return ({ bytes, segments }) => {
    const segment = segments[Math.floor(at * segments.length)];
    if (segment === undefined) return bytes;
    const end = segment.packedOffset + segment.packedLength;
    const copies = Array.from({ length: times }, () => bytes.subarray(segment.packedOffset, end));
    return joined(bytes.subarray(0, segment.packedOffset), ...copies, bytes.subarray(end));
  };
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
