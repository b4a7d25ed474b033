import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { openDigester, type Digester } from "@bootstamp/stamp";
import { ProgramError } from "../../program-error.ts";
import { tellStrays } from "../../build/build-report.ts";
import { crc64OfFile, openIfOf } from "../../build/file-crc.ts";
import {
  base64OfCrc64,
  listedFiles,
  type ArtifactRecord,
  type ListedFile,
  type StampableRecord,
} from "../../build/manifest.ts";
import { openRecords, type PublishedRecords } from "../../build/published-records.ts";
import { manifestName, readManifest } from "../../build/read-manifest.ts";
import { findStrays } from "../../build/tidy.ts";
import { openWorkshop, stampablePathIn, type Workshop } from "../../build/workshop.ts";
import { formats } from "../../formats.ts";
import { countText, durationText, sizeText } from "../../report/quantity.ts";
import type { Reporter } from "../../report/reporter.ts";
import { bringFile } from "./bring-file.ts";
import { mergeManifests, type CollectedArtifact, type ShardManifest } from "./merge-manifests.ts";

export interface CollectOptions {
  /** Output directories of builds, each with some of a release's variants. */
  readonly directories: readonly string[];
  /** Where the release is put together; made where it is not there. */
  readonly output: string;
  /** Whether to move artifacts rather than to copy them. */
  readonly move: boolean;
  /** Where `prepare` put the stampable images, for `publish`. */
  readonly basesDirectory?: string;
}

/** What the steps of collecting share. */
interface Site {
  readonly options: CollectOptions;
  readonly workshop: Workshop;
  readonly records: PublishedRecords;
  readonly digester: Digester;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/**
 * Makes one release of the artifacts that several builds made: what one build of all variants would have left. Every
 * artifact is read once and compared with what its manifest says. A second run goes on where a killed one was.
 * @throws ProgramError `COLLECT_*`, `USAGE_ARGUMENT`, `VERIFY_MANIFEST`, `BUILD_FOREIGN_FILE`; WholeFileError.
 */
export async function collect(
  options: CollectOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const output = resolve(options.output);
  refuseInput(options, output);
  const { manifest, artifacts, stamps } = mergeManifests(options.directories.map(readShard));
  const digester = openDigester();
  let workshop: Workshop | undefined;
  let failed = true;
  try {
    workshop = await openWorkshop(output);
    const records = openRecords(workshop);
    const site = { options, workshop, records, digester, reporter, signal };
    await bringArtifacts(artifacts, site);
    for (const { directory, record } of stamps) await bringListed([directory], record, site);
    for (const record of manifest.stampables) {
      if (record.file === undefined) await bringBase(record, site);
      else await bringListed(options.directories, { ...record, file: record.file }, site);
    }
    await records.publish(manifest);
    failed = false;
    const seconds = (performance.now() - started) / 1000;
    tellCollected(reporter, artifacts, output, seconds);
    const names = listedFiles(manifest).map(({ file }) => file);
    tellStrays(reporter, findStrays(site, names), output);
  } finally {
    workshop?.close(failed);
    await digester.close();
    reporter.settle();
  }
}

/** The manifest of a directory that is both would be lost before the new one is there. */
function refuseInput({ directories }: CollectOptions, output: string): void {
  const directory = directories.find((each) => resolve(each) === output);
  if (directory === undefined) return;
  throw new ProgramError("USAGE_ARGUMENT", `${directory} cannot be both collected and the output`);
}

function readShard(directory: string): ShardManifest {
  const manifest = readManifest(directory);
  if (manifest !== undefined) return { directory, manifest };
  const message = `${directory} has no ${manifestName}: its build did not come to an end, or it is no output directory`;
  throw new ProgramError("COLLECT_MISSING", message, { directory });
}

async function bringArtifacts(artifacts: readonly CollectedArtifact[], site: Site): Promise<void> {
  const total = artifacts.reduce((sum, { record }) => sum + record.length, 0);
  let done = 0;
  for (const artifact of artifacts) {
    site.signal.throwIfAborted();
    await bringArtifact(artifact, site);
    done += artifact.record.length;
    site.reporter.progress({ task: "collect", done, total });
  }
}

async function bringArtifact({ directory, record }: CollectedArtifact, site: Site): Promise<void> {
  await bringListed([directory], record, site);
  if (record.bmap !== undefined) await bringBmap(directory, record.bmap, site);
}

/** Brings a file from the first of the directories that has it as the manifest says it, unless it is there already. */
async function bringListed(directories: readonly string[], record: WantedFile, site: Site): Promise<void> {
  const { options, workshop, records } = site;
  const path = join(workshop.outputDirectory, record.file);
  if (await isWhole(path, record, site)) return;
  for (const directory of directories) {
    const source = join(directory, record.file);
    if (!(await isWhole(source, record, site))) continue;
    records.withdraw();
    return await bringFile(source, path, options.move);
  }
  throw damaged(join(directories[0] ?? "", record.file));
}

/** A file to bring, with one of the checksums at least. */
type WantedFile = ListedFile & Pick<ArtifactRecord, "crc64nvme">;

/** By CRC-64 where it is known, which is the quickest, else by SHA-256. */
async function isWhole(path: string, record: WantedFile, { digester, signal }: Site): Promise<boolean> {
  const { length, crc64nvme, sha256 } = record;
  if (crc64nvme === undefined) {
    const file = openIfOf(path, length);
    if (file === undefined) return false;
    try {
      return sha256 === undefined || (await digester.digest({ file, signal })) === sha256;
    } finally {
      file.close();
    }
  }
  const crc = await crc64OfFile(path, length, digester, signal);
  return crc !== undefined && base64OfCrc64(crc) === crc64nvme;
}

async function bringBmap(directory: string, name: string, { options, workshop }: Site): Promise<void> {
  const source = join(directory, name);
  const path = join(workshop.outputDirectory, name);
  if (existsSync(source)) return await bringFile(source, path, options.move);
  // A run before this one may have moved it.
  if (!existsSync(path)) throw damaged(source);
}

function damaged(path: string): ProgramError {
  const message = `${path} is not there, or not what the manifest beside it says`;
  return new ProgramError("COLLECT_DAMAGED", message, { path });
}

/**
 * `publish` composes variants out of the base; where no directory has it, it uploads them whole. What it composes is
 * what it has compared, so that a length will do here.
 */
async function bringBase({ identity, format, length }: StampableRecord, site: Site): Promise<void> {
  const extension = formats.find(({ name }) => name === format)?.extension;
  if (extension === undefined) return;
  const { directories, basesDirectory } = site.options;
  const path = site.workshop.stampablePath(identity, extension);
  const sources = [
    ...(basesDirectory === undefined ? [] : [join(basesDirectory, basename(path))]),
    ...directories.map((directory) => stampablePathIn(directory, identity, extension)),
  ];
  const hasIt = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.size === length;
  const source = hasIt(path) ? undefined : sources.find(hasIt);
  if (source !== undefined) await bringFile(source, path, false);
}

function tellCollected(
  reporter: Reporter,
  artifacts: readonly CollectedArtifact[],
  directory: string,
  seconds: number,
): void {
  const bytes = artifacts.reduce((sum, { record }) => sum + record.length, 0);
  const all = countText(artifacts.length, "artifact");
  reporter.tell({ event: "collected", directory, artifacts: artifacts.length, bytes, seconds }, [
    `collected ${all}, ${sizeText(bytes)}, in ${directory}, in ${durationText(seconds)}`,
  ]);
}
