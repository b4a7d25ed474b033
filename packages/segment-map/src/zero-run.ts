const zeros = Buffer.alloc(1 << 20);

/** Whether `bytes` are zeros only. Looks at both ends first: most pieces that are not zero show it there. */
export function isZeroRun(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return true;
  if (bytes[0] !== 0 || bytes.at(-1) !== 0) return false;
  for (let offset = 0; offset < bytes.length; offset += zeros.length) {
    const part = bytes.subarray(offset, offset + zeros.length);
    if (zeros.compare(part, 0, part.length, 0, part.length) !== 0) return false;
  }
  return true;
}
