const hexDigest = /^[0-9a-f]{64}$/;

/** The 32 bytes of a SHA-256 in lower-case hex. `RangeError` for anything else: hex has no other way to say them. */
export function digestBytes(hex: string): Uint8Array {
  if (!hexDigest.test(hex))
    throw new RangeError(`not a SHA-256 of 64 lower-case hex digits: ${JSON.stringify(hex)}`);
  return Buffer.from(hex, "hex");
}

export function digestText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
