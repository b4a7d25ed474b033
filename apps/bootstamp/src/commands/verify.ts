import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FileSource } from "@bootstamp/byte-source";
import { Fault } from "@bootstamp/fault";
import { checkImage, type DecodeRequest } from "@bootstamp/press";
import { openDigester, type Digester } from "@bootstamp/stamp";
import { aboutFile } from "../about-file.ts";
import { BuildError } from "../build/build-error.ts";
import { hexOfCrc32, type ArtifactRecord } from "../build/manifest.ts";
import { readManifest } from "../build/read-manifest.ts";
import { openStampable } from "../open-image.ts";
import { countText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";

export interface VerifyOptions {
  /** Stampable images, artifacts, or output directories with a manifest. */
  readonly paths: readonly string[];
}

/**
 * Decodes whole files and holds every checksum in them, and what a manifest beside them says, against the bytes.
 *
 * All files are gone through, whatever is wrong with one.
 * @throws BuildError `VERIFY_FAILED`; of a single file what is wrong with it: MapError, SourceError, BuildError
 * `VERIFY_DIFFERS`.
 */
export async function verify(options: VerifyOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const paths = options.paths.flatMap(filesOf);
  const digester = openDigester();
  const verifyOne = async (path: string): Promise<boolean> =>
    await attempt(reporter, path, signal, () => verifyFile(path, digester, reporter, signal));
  try {
    const [only] = paths;
    if (paths.length === 1 && only !== undefined) return await verifyFile(only, digester, reporter, signal);
    let failed = 0;
    for (const path of paths) if (!(await verifyOne(path))) failed++;
    if (failed === 0) return;
    const what = countText(paths.length, "file");
    throw new BuildError("VERIFY_FAILED", `${failed} of ${what} failed`, { failed, files: paths.length });
  } finally {
    await digester.close();
    reporter.settle();
  }
}

async function attempt(
  reporter: Reporter,
  path: string,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    signal.throwIfAborted();
    // What nobody foresaw is a bug, and not the file's.
    if (!(error instanceof Fault)) throw error;
    const { code, message } = error;
    reporter.tell({ event: "damaged", path, code, message }, [`FAILED  ${message}`]);
    return false;
  }
}

/** The artifacts of a directory's manifest, or the file itself. */
function filesOf(path: string): string[] {
  if (!(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) return [path];
  const manifest = readManifest(path);
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
  const { file, format } = await openStampable(path);
  try {
    const task = `verify ${basename(path)}`;
    const onProgress: DecodeRequest["onProgress"] = ({ rawDone, rawLength }) =>
      reporter.progress({ task, done: rawDone, total: rawLength });
    const { map, rawCrc32 } = await aboutFile(path, async () => {
      return await checkImage({ path, format, signal, onProgress });
    });
    const record = readManifest(dirname(path))?.artifacts.find((each) => each.file === basename(path));
    const crc = hexOfCrc32(rawCrc32);
    if (record !== undefined) await compareWithRecord(file, record, crc, digester, signal);
    const against = record === undefined ? "its own checksums" : "its own checksums and the manifest";
    const { rawLength, packedLength } = map;
    reporter.tell(
      { event: "verified", path, rawLength, packedLength, rawCrc32: crc, manifest: record !== undefined },
      [`ok      ${path}: ${sizeText(packedLength)} for ${sizeText(rawLength)}, by ${against}`],
    );
  } finally {
    file.close();
  }
}

async function compareWithRecord(
  file: FileSource,
  record: ArtifactRecord,
  rawCrc32: string,
  digester: Digester,
  signal: AbortSignal,
): Promise<void> {
  const { path } = file;
  compare(path, "length", file.length, record.length);
  if (record.rawCrc32 !== undefined) compare(path, "CRC-32 of the raw bytes", rawCrc32, record.rawCrc32);
  if (record.sha256 === undefined) return;
  compare(path, "SHA-256", await digester.digest({ file, signal }), record.sha256);
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
