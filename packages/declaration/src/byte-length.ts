/** What people write for a number of bytes: whole or decimal, with a unit to the base of 1024. */
export const byteLengthPattern: RegExp = /^([0-9]{1,16}(?:\.[0-9]{1,9})?) ?(?:([kKMGTPE])(?:iB)?|B)?$/;

export const byteLengthMessage = `expected a length such as "384MiB", "10G" or 1048576 (bytes)`;

/** Keeps sums of many of them exact: far above any disk, and above what an MBR or a file system can have. */
export const longestByteLength: number = 2 ** 50;

const unitNames = ["", "K", "M", "G", "T", "P", "E"];

/**
 * The bytes that `text` stands for: K, M, G, T with or without "iB" are powers of 1024, as systemd-repart and genimage
 * have them. Undefined if it is no length, no whole number of bytes, or more than 1 PiB.
 */
export function parseByteLength(text: string): number | undefined {
  const [, digits, unit = ""] = byteLengthPattern.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const [whole = "0", fraction = ""] = digits.split(".");
  const scale = 1024n ** BigInt(unitNames.indexOf(unit.toUpperCase()));
  const scaled = BigInt(whole + fraction) * scale;
  const divisor = 10n ** BigInt(fraction.length);
  const bytes = scaled / divisor;
  if (scaled % divisor !== 0n || bytes > BigInt(longestByteLength)) return undefined;
  return Number(bytes);
}

/** Writes `length` so that {@link parseByteLength} reads it back: in the largest unit of which it is a whole number. */
export function formatByteLength(length: number): string | number {
  for (const [power, unit] of [
    [4, "TiB"],
    [3, "GiB"],
    [2, "MiB"],
    [1, "KiB"],
  ] as const) {
    if (length > 0 && length % 1024 ** power === 0) return `${length / 1024 ** power}${unit}`;
  }
  return length;
}

/** {@link formatByteLength} for messages: a bare number says what it counts. */
export function describeLength(length: number): string {
  const text = formatByteLength(length);
  return typeof text === "number" ? `${text} bytes` : text.replace(/(?=[KMGT]iB)/, " ");
}
