import { createHash } from "node:crypto";
import { MemorySource } from "@bootstamp/byte-source";
import { crc32, crc64nvme } from "@bootstamp/crc";
import type { NewObject } from "./new-object.ts";
import type { ObjectSettings } from "./object-settings.ts";

/** An object that is a text, known by its SHA-256. */
export function textObject(
  key: string,
  text: string,
  settings: ObjectSettings,
): NewObject & { readonly sha256: string } {
  const bytes = new TextEncoder().encode(text);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const checksums = { crc64nvme: crc64nvme.of(bytes), crc32: crc32.of(bytes) };
  return { key, source: new MemorySource(bytes), identity: sha256, sha256, ...checksums, settings };
}
