import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FileSource } from "@bootstamp/byte-source";
import { checkImage } from "@bootstamp/press";
import { openDigester, type Digester } from "@bootstamp/stamp";
import { BuildError } from "../build/build-error.ts";
import { hexOfCrc32, type ArtifactRecord, type Manifest } from "../build/manifest.ts";
import { openImage } from "../open-image.ts";
import { sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";

export interface VerifyOptions {
  /** Stampable images, artifacts, or output directories with a manifest. */
  readonly paths: readonly string[];
}

/**
 * Decodes whole files and holds every checksum in them, and what a manifest beside them says, against the bytes.
 * @throws MapError; BuildError `VERIFY_DIFFERS`. Goes through all files first, and fails at the end.
 */
export async function verify(options: VerifyOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const digester = openDigester();
  const failures: unknown[] = [];
  try {
    for (const path of options.paths.flatMap(filesOf)) {
      try {
        await verifyFile(path, digester, reporter, signal);
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
        const message = error instanceof Error ? error.message : String(error);
        reporter.tell({ event: "damaged", path, message }, [`FAILED  ${path}: ${message}`]);
      }
    }
  } finally {
    await digester.close();
    reporter.settle();
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) {
    throw new BuildError("VERIFY_DIFFERS", `${failures.length} files are not what they should be`, {
      count: failures.length,
    });
  }
}

/** The artifacts of a directory's manifest, or the file itself. */
function filesOf(path: string): string[] {
  if (!(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) return [path];
  const manifest = manifestIn(path);
  if (manifest === undefined) {
    throw new BuildError("USAGE_ARGUMENT", `${path} has no manifest.json: name the files to verify`, {
      path,
    });
  }
  return manifest.artifacts.map(({ file }) => join(path, basename(file)));
}

async function verifyFile(
  path: string,
  digester: Digester,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const { file, packed } = await openImage(path);
  file.close();
  if (packed === undefined) {
    throw new BuildError("USAGE_NOT_AN_IMAGE", `${path} is not in a format that bootstamp makes`, { path });
  }
  const task = `verify ${basename(path)}`;
  const checked = await checkImage({
    path,
    format: packed.format,
    signal,
    onProgress: ({ rawDone, rawLength }) => reporter.progress({ task, done: rawDone, total: rawLength }),
  });
  const rawCrc32 = hexOfCrc32(checked.rawCrc32);
  const record = recordOf(path);
  if (record !== undefined) await compareWithRecord(path, record, rawCrc32, digester);
  const { rawLength, packedLength } = checked.map;
  const against = record === undefined ? "its own checksums" : "its own checksums and the manifest";
  reporter.tell(
    { event: "verified", path, rawLength, packedLength, rawCrc32, manifest: record !== undefined },
    [`ok      ${path}: ${sizeText(packedLength)} for ${sizeText(rawLength)}, by ${against}`],
  );
}

async function compareWithRecord(
  path: string,
  record: ArtifactRecord,
  rawCrc32: string,
  digester: Digester,
): Promise<void> {
  const file = FileSource.open(path);
  try {
    compare(path, "length", file.length, record.length);
    if (record.rawCrc32 !== undefined) compare(path, "CRC-32 of the raw bytes", rawCrc32, record.rawCrc32);
    if (record.sha256 !== undefined) compare(path, "SHA-256", await digester.digest({ file }), record.sha256);
  } finally {
    file.close();
  }
}

function compare(path: string, what: string, got: string | number, expected: string | number): void {
  if (got === expected) return;
  throw new BuildError("VERIFY_DIFFERS", `${path}: ${what} is ${got}, the manifest says ${expected}`, {
    path,
    what,
    got,
    expected,
  });
}

function recordOf(path: string): ArtifactRecord | undefined {
  return manifestIn(dirname(path))?.artifacts.find(({ file }) => file === basename(path));
}

function manifestIn(directory: string): Manifest | undefined {
  const path = join(directory, "manifest.json");
  if (!existsSync(path)) return undefined;
  try {
    const manifest: Manifest = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(manifest.artifacts) ? manifest : undefined;
  } catch (error) {
    throw new BuildError("USAGE_ARGUMENT", `cannot read ${path}: it is not JSON`, { path }, { cause: error });
  }
}
