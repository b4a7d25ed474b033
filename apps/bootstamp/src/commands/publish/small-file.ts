import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { MemorySource } from "@bootstamp/byte-source";
import { crc32, crc64nvme } from "@bootstamp/crc";
import type { ArtifactRequest } from "@bootstamp/publish";

/** A file that fits into memory, such as a bmap, as an object that shares nothing and is known by its SHA-256. */
export function smallFile(path: string, key: string): ArtifactRequest {
  const bytes = readFileSync(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const checksums = { crc64nvme: crc64nvme.of(bytes), crc32: crc32.of(bytes) };
  return { key, source: new MemorySource(bytes), identity: sha256, sha256, ...checksums };
}
