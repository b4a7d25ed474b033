import type { Extent } from "./extent.ts";

/** More are only counted. */
const namedExtents = 4;

/** The extents for a message: `4096 bytes at 0, 512 bytes at 8192, and 7 more`, or `none`. */
export function extentsText(extents: readonly Extent[]): string {
  if (extents.length === 0) return "none";
  const named = extents.slice(0, namedExtents).map(({ offset, length }) => `${length} bytes at ${offset}`);
  const more = extents.length - named.length;
  return more === 0 ? named.join(", ") : `${named.join(", ")}, and ${more} more`;
}
