import { createHash } from "node:crypto";
import type { SegmentMap } from "@bootstamp/segment-map";

/**
 * What tells a stampable file from others of its format, and is the same for all artifacts that are made of it in place:
 * SHA-256, in hex, over its base, its engine, and where its segments are. Costs O(segments), and no reading.
 *
 * Two files that agree in it were pressed from one base with one engine, and came out alike to the byte in the length of
 * every segment.
 */
export function stampableIdentity({
  format,
  rawLength,
  packedLength,
  base,
  engine,
  segments,
}: SegmentMap): string {
  const hash = createHash("sha256");
  const facts = [format, rawLength, packedLength, base?.rawCrc32 ?? null, engine ?? null];
  hash.update(`${JSON.stringify(facts)}\n`);
  for (const { kind, rawOffset, rawLength: raw, packedOffset, packedLength: packed } of segments) {
    hash.update(`${kind} ${rawOffset} ${raw} ${packedOffset} ${packed}\n`);
  }
  return hash.digest("hex");
}
