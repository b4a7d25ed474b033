import { chooseCopies } from "./choose-copies.ts";
import { checkTotal, type PartRules } from "./part-rules.ts";
import { shapeOf, type ObjectShape, type SharedRun } from "./shared-runs.ts";
import type { Part, Span } from "./span.ts";

export interface PartPlan {
  /** In order, without gaps; none for an object of no bytes. */
  readonly parts: readonly Part[];
  readonly uploadedBytes: number;
  readonly copiedBytes: number;
}

/**
 * Cuts an object that consists of `spans` into parts so that the fewest bytes are uploaded.
 *
 * Uploads are cut to about `uploadLength` bytes, to twice of it at most, where the rules let there be so many parts.
 * Should too many parts be needed, short runs that could be copied are uploaded with what lies around them: the least
 * length of all parts is doubled until they are few enough. That is a heuristic, more bytes than need be; an object of
 * no more than `leastLength` times `mostParts` bytes, 48 GiB on S3, never comes to it, and for others the least length
 * stays below twice of what `mostParts` equal parts would have.
 * @throws PartPlanError `PARTS_OBJECT_TOO_LARGE`; `RangeError` for spans that make no sense.
 */
export function planParts(
  spans: Iterable<Span>,
  rules: PartRules,
  uploadLength: number = 16 * 2 ** 20,
): PartPlan {
  const shape = shapeOf(spans);
  checkTotal(shape.length, rules);
  for (let least = rules.leastLength; ; least *= 2) {
    const most = Math.max(uploadLength, least);
    const parts = cut(shape, chooseCopies(shape, least), rules, Math.min(most, rules.mostLength));
    if (parts.length <= rules.mostParts) return summed(parts);
  }
}

export function summed(parts: readonly Part[]): PartPlan {
  const bytesOf = (kind: Part["kind"]): number =>
    parts.reduce((sum, part) => sum + (part.kind === kind ? part.length : 0), 0);
  return { parts, uploadedBytes: bytesOf("upload"), copiedBytes: bytesOf("copy") };
}

function cut(
  { length }: ObjectShape,
  copies: readonly SharedRun[],
  { mostLength, leastLength }: PartRules,
  uploadLength: number,
): Part[] {
  const parts: Part[] = [];
  let offset = 0;
  const upload = (end: number): void => {
    // Halves of what is just above the limit might be shorter than a part may be.
    const wished = Math.floor((end - offset) / Math.max(uploadLength, leastLength));
    const pieces = Math.max(1, wished, Math.ceil((end - offset) / mostLength));
    for (const piece of evenly(offset, end - offset, pieces)) parts.push({ kind: "upload", ...piece });
  };
  for (const copy of copies) {
    if (copy.offset > offset) upload(copy.offset);
    for (const piece of evenly(copy.offset, copy.length, Math.ceil(copy.length / mostLength)))
      parts.push({ kind: "copy", ...piece, baseOffset: copy.baseOffset + piece.offset - copy.offset });
    offset = copy.offset + copy.length;
  }
  if (length > offset) upload(length);
  return parts;
}

/** Cuts a range into `count` pieces, which differ by a byte at most. */
function* evenly(
  offset: number,
  length: number,
  count: number,
): Generator<{ offset: number; length: number }> {
  for (let index = 0; index < count; index++) {
    const start = Math.floor((length / count) * index);
    const end = index === count - 1 ? length : Math.floor((length / count) * (index + 1));
    yield { offset: offset + start, length: end - start };
  }
}
