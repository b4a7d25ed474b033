import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FileSource } from "@bootstamp/byte-source";
import { Fault } from "@bootstamp/fault";
import { inflateWhole } from "@bootstamp/gzip-index";
import { checkImage, drainImage, type Copied } from "@bootstamp/press";
import { openDigester, type Digester } from "@bootstamp/stamp";
import { recognisesStamp } from "@bootstamp/stamp-file";
import { aboutFile } from "../about-file.ts";
import { ProgramError } from "../program-error.ts";
import { listedFiles, type ArtifactRecord, type ListedFile } from "../build/manifest.ts";
import { readManifest } from "../build/read-manifest.ts";
import { isUrl, openContainer, type Container } from "../open-container.ts";
import { contentOf, type ContainerContent } from "../container-content.ts";
import { readStamp } from "../read-stamp.ts";
import { printable } from "../report/printable.ts";
import { countText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { crcText } from "@bootstamp/crc";

export interface VerifyOptions {
  /** Compressed images, paths or URLs, stamps, or output directories with a manifest. */
  readonly paths: readonly string[];
}

/**
 * Decodes whole files and holds every checksum in them, and what a manifest beside them says, against the bytes.
 *
 * All files are gone through, whatever is wrong with one.
 * @throws ProgramError `VERIFY_FAILED`; of a single file what is wrong with it: MapError, SourceError, ProgramError
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
    throw new ProgramError("VERIFY_FAILED", `${failed} of ${what} failed`, { failed, files: paths.length });
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

/** The files of a directory's manifest, or the file itself. */
function filesOf(path: string): string[] {
  if (isUrl(path) || !(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) return [path];
  const manifest = readManifest(path);
  if (manifest === undefined) {
    throw new ProgramError("USAGE_ARGUMENT", `${path} has no manifest.json: name the files to verify`, {
      path,
    });
  }
  return listedFiles(manifest).map(({ file }) => join(path, basename(file)));
}

/** What the manifest beside a file says of it. */
type VerifiedRecord = ListedFile & Pick<ArtifactRecord, "rawCrc32">;

function recordOf(path: string): VerifiedRecord | undefined {
  const manifest = readManifest(dirname(path));
  if (manifest === undefined) return undefined;
  const files: readonly VerifiedRecord[] = listedFiles(manifest);
  return files.find((each) => each.file === basename(path));
}

async function verifyFile(
  reference: string,
  digester: Digester,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const container = await openContainer(reference, { reporter, signal });
  const { name, file } = container;
  if (recognisesStamp(await file.read(0, Math.min(16, file.length)))) {
    await container.close();
    return await verifyStampFile(reference, digester, reporter, signal);
  }
  const onProgress = (done: number, total: number): void =>
    reporter.progress({ task: `verify ${basename(name)}`, done, total });
  try {
    const { rawLength, rawCrc32 } = await aboutFile(name, async () => {
      return await checkAll(container, await contentOf(file, "outline"), onProgress, signal);
    });
    const crc = crcText(rawCrc32);
    const record = file instanceof FileSource ? recordOf(name) : undefined;
    if (record?.rawCrc32 !== undefined) compare(name, "CRC-32 of the raw bytes", crc, record.rawCrc32);
    if (record !== undefined && file instanceof FileSource)
      await compareWithRecord(file, record, digester, signal);
    const against = record === undefined ? "its own checksums" : "its own checksums and the manifest";
    const { length: packedLength } = file;
    const facts = { rawLength, packedLength, rawCrc32: crc, manifest: record !== undefined };
    reporter.tell({ event: "verified", path: name, ...facts }, [
      `ok      ${name}: ${sizeText(packedLength)} for ${sizeText(rawLength)}, by ${against}`,
    ]);
  } finally {
    await container.close();
  }
}

/** Decodes all of it. @throws ProgramError `USAGE_NOT_AN_IMAGE` for what has no checksums of its own. */
async function checkAll(
  { name, file }: Container,
  content: ContainerContent,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Copied> {
  if (content.kind === "packed") {
    const { packed } = content;
    const { rawCrc32 } = await checkImage({
      ...packed,
      packed: file,
      signal,
      onProgress: ({ rawDone, rawLength }) => onProgress(rawDone, rawLength),
    });
    return { rawCrc32, rawLength: packed.map.rawLength };
  }
  if (content.kind !== "foreign-gzip") {
    const what = content.kind === "raw" ? "a raw image" : "a qcow2 image";
    throw new ProgramError("USAGE_NOT_AN_IMAGE", `${name} is ${what}: it has no checksums to verify`, {
      path: name,
    });
  }
  const onDone = (done: number): void => onProgress(done, Math.max(done, file.length));
  return await drainImage({ chunks: inflateWhole(file), onProgress: onDone, signal });
}

/** A stamp by itself: whether it is whole, and the one that the manifest lists. */
async function verifyStampFile(
  path: string,
  digester: Digester,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const { name, base } = await readStamp(path);
  const file = FileSource.open(path);
  try {
    const record = recordOf(path);
    if (record !== undefined) await compareWithRecord(file, record, digester, signal);
    const against = record === undefined ? "its own checksum" : "its own checksum and the manifest";
    const about = { name, base, manifest: record !== undefined };
    reporter.tell({ event: "verified", path, ...about }, [
      `ok      ${path}: stamp "${printable(name)}" for base ${crcText(base.rawCrc32)}, by ${against}`,
    ]);
  } finally {
    file.close();
  }
}

async function compareWithRecord(
  file: FileSource,
  record: ListedFile,
  digester: Digester,
  signal: AbortSignal,
): Promise<void> {
  const { path } = file;
  compare(path, "length", file.length, record.length);
  if (record.sha256 === undefined) return;
  compare(path, "SHA-256", await digester.digest({ file, signal }), record.sha256);
}

function compare(path: string, what: string, got: string | number, expected: string | number): void {
  if (got === expected) return;
  throw new ProgramError("VERIFY_DIFFERS", `${path}: ${what} is ${got}, the manifest says ${expected}`, {
    path,
    what,
    got,
    expected,
  });
}
