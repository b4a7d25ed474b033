import type { SyncByteSource } from "@bootstamp/byte-source";

/** A generator of bytes that look random and are the same each time. */
export function randomBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed * 0x9e3779b9) | 1;
  for (let index = 0; index < length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state >>> 11;
  }
  return bytes;
}

/** Lines of words, which compress as text does. */
export function textBytes(length: number, seed = 1): Uint8Array {
  const words = [
    "kernel",
    "boot",
    "initrd",
    "root=UUID",
    "console",
    "linux",
    "menuentry",
    "set",
    "0x1f",
    "\n",
  ];
  const picks = randomBytes(Math.ceil(length / 2), seed);
  let text = "";
  for (let index = 0; text.length < length; index++) {
    const pick = picks[index] ?? 0;
    text += `${words[pick % words.length] ?? ""}${pick % 7 === 0 ? String(pick) : " "}`;
  }
  return new TextEncoder().encode(text.slice(0, length));
}

/** All kinds of content side by side, in stretches that no cut falls on. */
export function mixedBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const stretch = 300_007;
  for (let offset = 0, kind = 0; offset < length; offset += stretch, kind++) {
    const part = Math.min(stretch, length - offset);
    if (kind % 3 === 0) bytes.set(textBytes(part, kind + 1), offset);
    if (kind % 3 === 1) bytes.set(randomBytes(part, kind + 1), offset);
  }
  return bytes;
}

/** `length` zero bytes that take no memory. */
export function zeroSource(length: number): SyncByteSource {
  return { length, readSync: (_offset, target) => void target.fill(0) };
}

const mebibyte = 1 << 20;

/** Images of every length and content at which something changes. */
export const sampleImages: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: "nothing", bytes: new Uint8Array() },
  { name: "one byte", bytes: Uint8Array.of(7) },
  { name: "one zero byte", bytes: Uint8Array.of(0) },
  { name: "4095 bytes of text", bytes: textBytes(4095) },
  { name: "4096 random bytes", bytes: randomBytes(4096) },
  { name: "1 MiB - 1 of text", bytes: textBytes(mebibyte - 1) },
  { name: "1 MiB random", bytes: randomBytes(mebibyte) },
  { name: "1 MiB + 1 mixed", bytes: mixedBytes(mebibyte + 1) },
  { name: "3 MiB + 512 of zeros", bytes: new Uint8Array(3 * mebibyte + 512) },
  { name: "2.5 MiB mixed", bytes: mixedBytes(2.5 * mebibyte) },
];
