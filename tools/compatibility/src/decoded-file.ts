import { run } from "@bootstamp/witnesses";

/** The reference decoder of each format. */
const referenceDecoders = { gz: "gzip -dc", xz: "xz -dc", zst: "zstd -dcq" } as const;

/** Tools that {@link decodeToFile} needs, to hand to `requires`. */
export const referenceTools: readonly string[] = ["gzip", "xz", "zstd"];

/** Decodes a file by the format's own tool to a new file, leaving holes for zeros. */
export async function decodeToFile(
  packed: string,
  format: keyof typeof referenceDecoders,
  raw: string,
): Promise<void> {
  const decode = `set -o pipefail; ${referenceDecoders[format]} "$0" | cp --sparse=always /dev/stdin "$1"`;
  await run("bash", ["-c", decode, packed, raw]);
}
