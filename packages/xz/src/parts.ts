/** Bytes in several arrays, one after another: so that what is large need not be joined before it is written. */
export type Parts = readonly Uint8Array[];

export function partsLength(parts: Parts): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}
