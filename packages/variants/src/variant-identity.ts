import type { Edit } from "@bootstamp/bootfs";
import { createHash } from "node:crypto";

/** Part of what is hashed: a change of the canonical form is a change of this. */
const canonicalVersion = 1;

/**
 * The canonical form of a list of edits: JSON (RFC 8259) without spaces, keys of objects in the order of their UTF-16
 * units, lists in their own, modes and owners as decimal numbers, bytes as `{"sha256":"..."}` in lower-case
 * hexadecimal, what is left out left out.
 *
 *     {"edits":[{"content":{"sha256":"..."},"mode":384,"path":"/a","verb":"write"}],"version":1}
 *
 * It is not for showing: it has the hashes of contents, which let a short secret be guessed.
 */
export function canonicalForm(edits: readonly Edit[]): string {
  return JSON.stringify(canonical({ version: canonicalVersion, edits }));
}

/**
 * SHA-256 of the canonical form of `edits`, in hexadecimal. Equal edits have equal identities, whatever their order of
 * keys.
 */
export function contentIdentity(edits: readonly Edit[]): string {
  return createHash("sha256").update(canonicalForm(edits)).digest("hex");
}

/**
 * What a variant is: SHA-256 of the JSON `{"base":...,"content":...,"version":1}`, in hexadecimal.
 *
 * `content` is the variant's {@link contentIdentity}. `baseIdentity` has to stand for all else that makes the
 * artifact's bytes: the base image, the region, the compression engine and its settings, the time that is written into
 * the file system. A variant's name is not part of it: two variants of equal edits are the same bytes.
 *
 * Who knows all of a variant but a short secret can guess the secret from this, as from the digests of the artifact
 * that stand beside it (CRC-32 alone would do): a secret that must stay one has to be long.
 */
export function variantIdentity(content: string, baseIdentity: string): string {
  const form = { base: baseIdentity, content, version: canonicalVersion };
  return createHash("sha256").update(JSON.stringify(form)).digest("hex");
}

function canonical(value: unknown): unknown {
  if (value instanceof Uint8Array) return { sha256: digestOf(value) };
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
  // fromEntries defines own properties, "__proto__" too. Keys that look like indices come first in any object.
  return Object.fromEntries(entries.map(([key, item]) => [key, canonical(item)]));
}

/** Contents are shared between variants: each is hashed once. */
const digests = new WeakMap<Uint8Array, string>();

function digestOf(bytes: Uint8Array): string {
  const digest = digests.get(bytes) ?? createHash("sha256").update(bytes).digest("hex");
  digests.set(bytes, digest);
  return digest;
}
