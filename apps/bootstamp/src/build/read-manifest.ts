import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "./build-error.ts";
import type { ArtifactRecord, Manifest, ShardRecord, StampableRecord, StampRecord } from "./manifest.ts";

export const manifestName = "manifest.json";

/**
 * The manifest in a directory; undefined where there is none.
 * @throws BuildError `VERIFY_MANIFEST` if it is not one of ours, or damaged.
 */
export function readManifest(directory: string): Manifest | undefined {
  const path = join(directory, manifestName);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR"].includes(String(error.code))) {
      return undefined;
    }
    throw foreign(path, error instanceof Error ? error.message : String(error));
  }
  if (!isManifest(value)) throw foreign(path, "it does not have the fields of one");
  return value;
}

function foreign(path: string, why: string): BuildError {
  return new BuildError("VERIFY_MANIFEST", `${path} is not a manifest of bootstamp: ${why}`, { path });
}

/** Only what is read of a manifest is looked at: it may be of a later version. */
function isManifest(value: unknown): value is Manifest {
  return (
    isObject(value) &&
    value["manifest"] === 1 &&
    isArray(value["artifacts"], isArtifactRecord) &&
    isArray(value["stampables"], isStampableRecord) &&
    (value["stamps"] === undefined || isArray(value["stamps"], isStampRecord)) &&
    (value["shard"] === undefined || isShardRecord(value["shard"]))
  );
}

function isStampRecord(value: unknown): value is StampRecord {
  const isText = (key: string): boolean => isObject(value) && typeof value[key] === "string";
  return isText("variant") && isText("file") && isText("sha256");
}

function isShardRecord(value: unknown): value is ShardRecord {
  return isObject(value) && typeof value["release"] === "string" && isArray(value["variants"], isString);
}

/** Its identity becomes the name of a file. */
function isStampableRecord(value: unknown): value is StampableRecord {
  return (
    isObject(value) &&
    typeof value["identity"] === "string" &&
    /^[0-9a-f]{64}$/.test(value["identity"]) &&
    typeof value["format"] === "string" &&
    typeof value["length"] === "number"
  );
}

function isArtifactRecord(value: unknown): value is ArtifactRecord {
  const has = (key: string, type: string, optional: boolean): boolean =>
    isObject(value) && (typeof value[key] === type || (optional && value[key] === undefined));
  return (
    has("variant", "string", false) &&
    has("identity", "string", false) &&
    has("edits", "string", true) &&
    has("file", "string", false) &&
    has("format", "string", false) &&
    has("crc64nvme", "string", true) &&
    has("length", "number", false) &&
    has("sha256", "string", true) &&
    has("rawSha256", "string", true) &&
    has("rawCrc32", "string", true) &&
    has("bmap", "string", true)
  );
}

function isArray(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
