import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import {
  crc64OfBase64,
  type ArtifactRequest,
  type ObjectSettings,
  type ReleaseRequest,
} from "@bootstamp/publish";
import { ProgramError } from "../../program-error.ts";
import {
  checksumsText,
  listedFiles,
  namesIn,
  type ArtifactRecord,
  type Manifest,
  type StampableRecord,
} from "../../build/manifest.ts";
import { manifestName, readManifestFile, type ManifestFile } from "../../build/read-manifest.ts";
import type { BuildBase, BuildBases } from "./bases-of-build.ts";
import { compareWithBase } from "./compare-with-base.ts";
import { fileOnDemand } from "./file-on-demand.ts";
import type { PublishSite } from "./publish-site.ts";
import { smallFile } from "./small-file.ts";

/** The manifest of a whole release that a build made. @throws ProgramError `USAGE_ARGUMENT` where there is none. */
export function readWholeManifest(directory: string): ManifestFile {
  const file = readManifestFile(directory);
  if (file === undefined)
    throw new ProgramError("USAGE_ARGUMENT", `${directory} has no ${manifestName}: build first`, {
      directory,
    });
  if (file.manifest.shard !== undefined) {
    const message = `${directory} has some of its release's variants: publish what collect makes of all its parts`;
    throw new ProgramError("USAGE_ARGUMENT", message, { directory });
  }
  refuseLinks(directory, file.manifest);
  return file;
}

/** Where the directory came from elsewhere, a link could lead to a secret of this machine. */
function refuseLinks(directory: string, manifest: Manifest): void {
  for (const name of namesIn(manifest)) {
    const path = join(directory, name);
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
    const message = `${path} is a link: what a manifest lists is in its directory`;
    throw new ProgramError("VERIFY_MANIFEST", message, { path });
  }
}

/** What a build made as a release, each artifact with what it shares with its base on the server. */
export async function releaseOfBuild(
  site: PublishSite,
  directory: string,
  { manifest, text }: ManifestFile,
  { bases }: BuildBases,
): Promise<ReleaseRequest> {
  const { artifacts, stampables, stamps = [] } = manifest;
  const checksums = checksumsText(listedFiles(manifest));
  const objects: ArtifactRequest[] = [];
  for (const stampable of stampables) {
    const base = bases.get(stampable.format);
    const artifact = stampableOf(stampable, base, directory);
    if (artifact !== undefined) objects.push(await composed(site, artifact, base));
  }
  for (const record of artifacts)
    objects.push(await composed(site, artifactOf(record, directory), bases.get(record.format)));
  for (const name of [...artifacts.map(({ bmap }) => bmap), ...stamps.map(({ file }) => file)]) {
    if (name === undefined) continue;
    const { overwrite } = site.target;
    const file = await smallFile(join(directory, name), name);
    objects.push({ ...file, settings: plainSettings(site.target), overwrite });
  }
  return {
    ...releaseOf(site.target, text),
    artifacts: objects,
    ...(checksums === "" ? {} : { checksums }),
  };
}

/** An artifact with the settings of its place, and what is to be copied for it. */
async function composed(
  { target, store, signal }: PublishSite,
  artifact: ArtifactRequest,
  base: BuildBase | undefined,
): Promise<ArtifactRequest> {
  const { settings, overwrite } = target;
  const isShortWanted = store.settings.checksumAlgorithm === "crc32";
  const shared = await sharedWith(base, artifact, signal);
  return {
    ...artifact,
    settings,
    overwrite,
    ...(shared === undefined ? {} : { base: shared.base, spans: shared.spans }),
    ...(isShortWanted && shared?.crc32 !== undefined ? { crc32: shared.crc32 } : {}),
  };
}

/** All of a release but its artifacts. */
export function releaseOf(
  target: PublishSite["target"],
  manifest: string,
): Omit<ReleaseRequest, "artifacts"> {
  const { release, isLatest, overwrite } = target;
  return {
    release: release ?? createHash("sha256").update(manifest).digest("hex").slice(0, 16),
    manifest,
    isLatest,
    settings: plainSettings(target),
    overwrite,
  };
}

/** Those of objects that are no artifacts. */
function plainSettings({ settings }: PublishSite["target"]): ObjectSettings {
  const { contentType: _, contentDisposition: __, ...general } = settings;
  return general;
}

function artifactOf(record: ArtifactRecord, directory: string): ArtifactRequest {
  const { file: key, identity, sha256 } = record;
  const crc64nvme = crc64OfBase64(record.crc64nvme);
  const source = fileOnDemand(join(directory, key));
  return { key, source, identity, crc64nvme, ...(sha256 === undefined ? {} : { sha256 }) };
}

/** The stampable image itself, where it stands beside the stamps that are made for it. */
function stampableOf(
  { file: key, identity, sha256 }: StampableRecord,
  base: BuildBase | undefined,
  directory: string,
): ArtifactRequest | undefined {
  if (key === undefined) return undefined;
  const source = fileOnDemand(join(directory, key));
  return { key, source, identity, crc64nvme: base?.crc64nvme, ...(sha256 === undefined ? {} : { sha256 }) };
}

interface Shared extends Pick<ArtifactRequest, "base" | "spans" | "crc32"> {}

async function sharedWith(
  base: BuildBase | undefined,
  { source, crc64nvme }: ArtifactRequest,
  signal: AbortSignal,
): Promise<Shared | undefined> {
  if (base === undefined || crc64nvme === undefined) return undefined;
  const compared = await compareWithBase(base, source, crc64nvme, signal);
  if (compared === undefined) return undefined;
  return { base: base.pinned, spans: compared.spans, crc32: compared.crc32 };
}
