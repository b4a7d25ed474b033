import { createHash } from "node:crypto";
import { crc32, crc64nvme } from "@bootstamp/crc";
import type { ArtifactRequest } from "@bootstamp/publish";
import { fileOnDemand } from "./file-on-demand.ts";

/** A file that fits into memory, such as a bmap, as an object that shares nothing and is known by its SHA-256. */
export async function smallFile(path: string, key: string): Promise<ArtifactRequest> {
  const source = fileOnDemand(path);
  const bytes = await source.read(0, source.length);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { key, source, identity: sha256, sha256, crc64nvme: crc64nvme.of(bytes), crc32: crc32.of(bytes) };
}
