import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ProgramError } from "../program-error.ts";
import {
  namesIn,
  type ArtifactRecord,
  type Manifest,
  type ShardRecord,
  type StampableRecord,
  type StampRecord,
} from "./manifest.ts";

export const manifestName = "manifest.json";

/** A manifest, and the text that it was read from. */
export interface ManifestFile {
  readonly manifest: Manifest;
  readonly text: string;
}

/** The manifest in a directory; undefined where there is none. @throws as {@link readManifestFile}. */
export function readManifest(directory: string): Manifest | undefined {
  return readManifestFile(directory)?.manifest;
}

/**
 * The manifest in a directory, for who hands it on; undefined where there is none. No file that it lists lies outside of
 * the directory.
 * @throws ProgramError `VERIFY_MANIFEST` if it is not one of ours, or damaged.
 */
export function readManifestFile(directory: string): ManifestFile | undefined {
  const path = join(directory, manifestName);
  try {
    const text = readFileSync(path, "utf8");
    return { text, manifest: parseManifest(path, JSON.parse(text)) };
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR"].includes(String(error.code))) {
      return undefined;
    }
    if (error instanceof ProgramError) throw error;
    throw foreign(path, error instanceof Error ? error.message : String(error));
  }
}

function parseManifest(path: string, value: unknown): Manifest {
  if (!isManifest(value)) throw foreign(path, "it does not have the fields of one");
  const odd = namesIn(value).find((name) => !isNameInDirectory(name));
  if (odd !== undefined) throw foreign(path, `it has the file name ${JSON.stringify(odd)}`);
  return value;
}

/** One that came from elsewhere must not lead out of the directory, nor to what builds keep in it. */
function isNameInDirectory(name: string): boolean {
  return basename(name) === name && !name.startsWith(".") && !name.includes("\0");
}

function foreign(path: string, why: string): ProgramError {
  return new ProgramError("VERIFY_MANIFEST", `${path} is not a manifest of bootstamp: ${why}`, { path });
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
    (value["file"] === undefined || typeof value["file"] === "string") &&
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
