/*
 * Configuration files are bytes whose encoding nobody declares: mostly UTF-8, sometimes a Latin-1 comment.
 * A byte that is not part of well-formed UTF-8 becomes one code unit U+DC80..U+DCFF (byte + 0xDC00), a lone
 * surrogate that no well-formed text can hold, and turns back into that byte. So every file survives
 * bytes -> text -> bytes unchanged, and an edit of one line leaves the rest as it was.
 */
import { BootConfigError } from "./boot-config-error.ts";

const escapeBase = 0xdc00;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Turns the bytes of a configuration file into text, without loss; a byte order mark stays in the text. */
export function decodeConfigText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeByRuns(bytes);
  }
}

/** Turns text back into bytes; the inverse of {@link decodeConfigText}. */
export function encodeConfigText(text: string): Uint8Array {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  const pieces = text.split(/(?<![\uD800-\uDBFF])([\uDC80-\uDCFF])/);
  const encoder = new TextEncoder();
  const encoded = pieces.map((piece, index) =>
    index % 2 === 1 ? Uint8Array.of(piece.charCodeAt(0) - escapeBase) : encoder.encode(piece),
  );
  return concatenate(encoded);
}

/**
 * Refuses text that no boot loader reads as text.
 *
 * @throws BootConfigError BOOT_TEXT_BINARY when there is a NUL in it: a binary file, or UTF-16 from an editor.
 */
export function checkConfigText(text: string): void {
  const offset = text.indexOf("\0");
  if (offset < 0) return;
  throw new BootConfigError(
    "BOOT_TEXT_BINARY",
    `reading a configuration file: got a NUL at offset ${offset}, expected text in UTF-8 (is it binary or UTF-16?)`,
    { offset },
  );
}

function decodeByRuns(bytes: Uint8Array): string {
  const parts: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    parts.push(
      length === 0
        ? String.fromCharCode(escapeBase + (bytes[at] ?? 0))
        : strict.decode(bytes.subarray(at, at + length)),
    );
    at += Math.max(length, 1);
  }
  return parts.join("");
}

/** Length of the well-formed UTF-8 sequence at `at`, or 0 (RFC 3629, section 4). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  const rest = bytes.subarray(at + 2, at + length);
  return rest.every((byte) => byte >= 0x80 && byte <= 0xbf) ? length : 0;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
