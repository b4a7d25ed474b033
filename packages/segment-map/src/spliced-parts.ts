import type { SegmentMap } from "./segment-map.ts";
import type { NewSegment, Splice } from "./stream-format.ts";

/** A run of the bytes of a spliced file. */
export type SplicedPart =
  /** Bytes of the old file, from `offset`. */
  | { readonly kind: "kept"; readonly offset: number; readonly length: number }
  /** What a new segment was packed to. */
  | { readonly kind: "new"; readonly segment: NewSegment; readonly length: number }
  /** Head and tail. */
  | { readonly kind: "frame"; readonly bytes: Uint8Array; readonly length: number };

/** All of a spliced file, in order. @param segments as {@link StreamFormat.splice} got them. */
export function splicedParts(
  map: SegmentMap,
  segments: readonly NewSegment[],
  splice: Splice,
): SplicedPart[] {
  const { head, tail, bodyOffset, bodyEnd } = splice;
  const parts: SplicedPart[] = [frame(head)];
  let done = bodyOffset;
  for (const segment of segments) {
    const old = map.segments[segment.index];
    if (old === undefined || old.packedOffset < done)
      throw new Error(`internal error: segment ${segment.index} is no new one`);
    parts.push(kept(done, old.packedOffset), { kind: "new", segment, length: packedLengthOf(segment) });
    done = old.packedOffset + old.packedLength;
  }
  parts.push(kept(done, bodyEnd), frame(tail));
  return parts.filter(({ length }) => length > 0);
}

function packedLengthOf({ pieces }: NewSegment): number {
  return pieces.reduce((sum, { packedLength }) => sum + packedLength, 0);
}

function kept(offset: number, end: number): SplicedPart {
  return { kind: "kept", offset, length: end - offset };
}

function frame(bytes: Uint8Array): SplicedPart {
  return { kind: "frame", bytes, length: bytes.length };
}
