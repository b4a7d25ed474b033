import { alignExtents, type Extent, extentEnd } from "@bootstamp/segment-map";
import fc from "fast-check";

const block = 4096;

/** Extents as they may be asked for of an image of `length` bytes: whole blocks, sorted, apart. */
export function extentsIn(length: number): fc.Arbitrary<Extent[]> {
  const extent = fc.tuple(fc.nat(Math.max(0, length - 1)), fc.integer({ min: 1, max: 20 * block }));
  return fc.array(extent, { maxLength: 12 }).map((pairs) =>
    wholeBlocks(
      pairs.map(([offset, count]) => ({ offset, length: count })),
      length,
    ),
  );
}

/** Extents that need thinking about, by name. */
export function notableExtents(
  length: number,
): readonly { readonly name: string; readonly stored: Extent[] }[] {
  const last = Math.max(0, length - 1);
  const middle = Math.floor(length / 2);
  const cases = [
    { name: "nothing", extents: [] },
    { name: "the whole", extents: [{ offset: 0, length }] },
    { name: "the first block", extents: [{ offset: 0, length: 1 }] },
    { name: "the last block", extents: [{ offset: last, length: 1 }] },
    {
      name: "both ends and the middle",
      extents: [
        { offset: 0, length: 1 },
        { offset: middle, length: 3 * 32768 + 1 },
        { offset: last, length: 1 },
      ],
    },
    { name: "every other block of the first 64", extents: everyOther(32) },
  ];
  return cases.map(({ name, extents }) => ({ name, stored: wholeBlocks(extents, length) }));
}

/** Extents at both ends and in the middle. */
export function bothEnds(length: number): Extent[] {
  return notableExtents(length).find(({ name }) => name.startsWith("both ends"))?.stored ?? [];
}

/** `count` blocks with one between each two. */
export function everyOther(count: number): Extent[] {
  return Array.from({ length: count }, (_, index) => ({ offset: 2 * index * block, length: block }));
}

/** Whether all of `asked` lies in `given`, which is sorted. */
export function covers(given: readonly Extent[], asked: readonly Extent[]): boolean {
  return asked.every((extent) => {
    const candidate = lastUpTo(given, extent.offset);
    return candidate !== undefined && extentEnd(candidate) >= extentEnd(extent);
  });
}

/** The last of some sorted extents that begins at `offset` or before. */
function lastUpTo(extents: readonly Extent[], offset: number): Extent | undefined {
  let low = 0;
  let high = extents.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((extents[middle]?.offset ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return extents[low - 1];
}

function wholeBlocks(extents: readonly Extent[], length: number): Extent[] {
  return alignExtents(
    extents.filter(({ offset }) => offset < length),
    block,
    length,
  ).filter((extent) => extent.length > 0);
}
