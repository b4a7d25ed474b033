/**
 * Strings inside option data (NBD protocol document, "Conventions"): UTF-8 without NUL, at most 4096 bytes.
 *
 *     0  4  length
 *     4     text
 */
import { maxStringLength } from "../nbd-export.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of all of `bytes`; undefined where they are no string of the protocol. */
export function parseString(bytes: Uint8Array): string | undefined {
  if (bytes.length > maxStringLength || bytes.includes(0)) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The counted string at `offset` and where it ends; undefined where none fits there. */
export function parseCountedString(
  data: Buffer,
  offset: number,
): { readonly text: string; readonly end: number } | undefined {
  const start = offset + 4;
  if (start > data.length) return undefined;
  const end = start + data.readUInt32BE(offset);
  if (end > data.length) return undefined;
  const text = parseString(data.subarray(start, end));
  return text === undefined ? undefined : { text, end };
}

/** `text` must be a string of the protocol. */
export function encodeCountedString(text: string): Buffer {
  const bytes = Buffer.from(text);
  const counted = Buffer.alloc(4 + bytes.length);
  counted.writeUInt32BE(bytes.length, 0);
  counted.set(bytes, 4);
  return counted;
}
