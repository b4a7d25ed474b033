/** A byte range of the raw image: `offset..offset + length`. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export function extentEnd(extent: Extent): number {
  return extent.offset + extent.length;
}

/**
 * The extents in ascending order, those that overlap, touch, or lie at most `gap` bytes apart joined to one.
 * Empty extents are left out. Costs a sort.
 */
export function joinExtents(extents: Iterable<Extent>, gap = 0): Extent[] {
  const joined: Extent[] = [];
  for (const extent of [...extents].toSorted((a, b) => a.offset - b.offset)) {
    if (extent.length === 0) continue;
    const last = joined.at(-1);
    if (last === undefined || extent.offset > extentEnd(last) + gap) joined.push(extent);
    else joined[joined.length - 1] = spanning(last, extent);
  }
  return joined;
}

/** The extents grown to whole blocks of `blockLength` bytes, joined, and cut off at `limit`. Empty ones are left out. */
export function alignExtents(extents: Iterable<Extent>, blockLength: number, limit: number): Extent[] {
  const filled = [...extents].filter(({ length }) => length > 0);
  const aligned = filled.map((extent) => {
    const offset = extent.offset - (extent.offset % blockLength);
    const end = Math.min(Math.ceil(extentEnd(extent) / blockLength) * blockLength, limit);
    return { offset, length: end - offset };
  });
  return joinExtents(aligned);
}

export function totalLength(extents: Iterable<Extent>): number {
  let total = 0;
  for (const { length } of extents) total += length;
  return total;
}

function spanning(first: Extent, second: Extent): Extent {
  const end = Math.max(extentEnd(first), extentEnd(second));
  return { offset: first.offset, length: end - first.offset };
}
