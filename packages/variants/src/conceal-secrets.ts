import { Secret } from "./secret.ts";

/** A shorter part of a secret says nothing; a longer one that stays would. A secret that is shorter counts whole. */
const partLength = 6;

/**
 * Puts `[secret]` in place of every part of a secret that is in `text`: as it is, or with the escapes of JSON. Words
 * that a secret has in common with what surrounds it go too. Linear in both.
 */
export function concealSecrets(text: string, secrets: readonly Secret[]): string {
  const covered = new Uint8Array(text.length);
  for (const secret of secrets)
    for (const written of [secret.reveal(), escaped(secret.reveal())]) coverParts(text, written, covered);
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    let end = from + 1;
    while (end < text.length && covered[end] === covered[from]) end += 1;
    pieces.push(covered[from] === 1 ? String(new Secret("")) : text.slice(from, end));
    from = end;
  }
  return pieces.join("");
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function coverParts(text: string, secret: string, covered: Uint8Array): void {
  const length = Math.min(partLength, secret.length);
  if (length === 0) return;
  const parts = new Set<string>();
  for (let at = 0; at + length <= secret.length; at += 1) parts.add(secret.slice(at, at + length));
  for (let at = 0; at + length <= text.length; at += 1)
    if (parts.has(text.slice(at, at + length))) covered.fill(1, at, at + length);
}
