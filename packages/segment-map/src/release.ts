/** Shorter arrays may be parts of a buffer that others use too, as Node's pool is. */
const leastLength: number = 1 << 18;

/**
 * Gives the memory of an array back at once, whose whole buffer nobody uses any more; the array is empty then. Without
 * that the collector lets dozens of mebibytes a thread pile up, for it does not see what lies behind a small object.
 */
export function release({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= leastLength) buffer.transfer(0);
}
