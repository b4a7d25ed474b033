/**
 * Returns bytes that look random and are the same every time, so that they neither compress nor change. A length of
 * gigabytes is not meant.
 */
export function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
  let state = seed | 1;
  for (let at = 0; at < bytes.length; at += 4) {
    // xorshift32 (Marsaglia 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state, at);
  }
  return bytes.subarray(0, length);
}

/** Returns lines of text, which compress as configuration and logs do. */
export function prose(length: number): Buffer {
  const lines = Array.from({ length: Math.ceil(length / 40) }, (_, number) => line(number));
  return Buffer.from(lines.join("")).subarray(0, length);
}

function line(number: number): string {
  const count = String(number).padStart(8, "0");
  return `${count} unit-${number % 97}.service: state changed ${(number * 7919) % 9973}\n`;
}
