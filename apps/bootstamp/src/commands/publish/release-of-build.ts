import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  crc64OfBase64,
  type ArtifactRequest,
  type ObjectSettings,
  type ReleaseRequest,
} from "@bootstamp/publish";
import { BuildError } from "../../build/build-error.ts";
import type { ArtifactRecord, Manifest } from "../../build/manifest.ts";
import { manifestName, readManifest } from "../../build/read-manifest.ts";
import { checksumsName } from "../../build/published-records.ts";
import type { BuildBase, BuildBases } from "./bases-of-build.ts";
import { compareWithBase } from "./compare-with-base.ts";
import { fileOnDemand } from "./file-on-demand.ts";
import type { PublishSite } from "./publish-site.ts";
import { smallFile } from "./small-file.ts";

/** The manifest of a whole release that a build made. @throws BuildError `USAGE_ARGUMENT` where there is none. */
export function manifestOf(directory: string): Manifest {
  const manifest = readManifest(directory);
  if (manifest?.shard !== undefined) {
    const message = `${directory} has some of its release's variants: publish what collect makes of all its parts`;
    throw new BuildError("USAGE_ARGUMENT", message, { directory });
  }
  if (manifest !== undefined) return manifest;
  throw new BuildError("USAGE_ARGUMENT", `${directory} has no ${manifestName}: build first`, { directory });
}

/** What a build made as a release, each artifact with what it shares with its base on the server. */
export async function releaseOfBuild(
  { target, store, signal }: PublishSite,
  directory: string,
  manifest: Manifest,
  { bases }: BuildBases,
): Promise<ReleaseRequest> {
  const { settings, overwrite } = target;
  const text = readFileSync(join(directory, manifestName), "utf8");
  const checksums = join(directory, checksumsName);
  const artifacts: ArtifactRequest[] = [];
  for (const record of manifest.artifacts) {
    const artifact = artifactOf(record, directory);
    const isShortWanted = store.settings.checksumAlgorithm === "crc32";
    const shared = await sharedWith(bases.get(record.format), artifact, signal);
    artifacts.push({
      ...artifact,
      settings,
      overwrite,
      ...(shared === undefined ? {} : { base: shared.base, spans: shared.spans }),
      ...(isShortWanted && shared?.crc32 !== undefined ? { crc32: shared.crc32 } : {}),
    });
    if (record.bmap !== undefined)
      artifacts.push({
        ...smallFile(join(directory, record.bmap), record.bmap),
        settings: plainSettings(target),
        overwrite,
      });
  }
  return {
    ...releaseOf(target, text),
    artifacts,
    ...(existsSync(checksums) ? { checksums: readFileSync(checksums, "utf8") } : {}),
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
