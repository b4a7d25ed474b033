import { ProgramError } from "../../program-error.ts";
import { identityOf } from "../../build/identity.ts";
import type { ArtifactRecord, Manifest, StampableRecord, StampRecord } from "../../build/manifest.ts";

/** The manifest of one job's directory. */
export interface ShardManifest {
  readonly directory: string;
  readonly manifest: Manifest;
}

/** An artifact of a release, and the directory that it is in. */
export interface CollectedArtifact {
  readonly directory: string;
  readonly record: ArtifactRecord;
}

/** A stamp of a release, and the directory that it is in. */
export interface CollectedStamp {
  readonly directory: string;
  readonly record: StampRecord;
}

export interface MergedRelease {
  /** Byte for byte what a build of all variants in one place writes. */
  readonly manifest: Manifest;
  /** In the manifest's order. */
  readonly artifacts: readonly CollectedArtifact[];
  readonly stamps: readonly CollectedStamp[];
}

/**
 * Puts the manifests of one release's shards together, in whatever order they come.
 * @throws ProgramError `COLLECT_MISMATCH` for shards of different releases, `COLLECT_DOUBLE`, `COLLECT_MISSING`.
 */
export function mergeManifests(shards: readonly ShardManifest[]): MergedRelease {
  const [first] = shards;
  if (first === undefined) throw new ProgramError("USAGE_ARGUMENT", "there are no shards to collect");
  for (const other of shards.slice(1)) refuseOther(first, other);
  const { shard, stamps: own, artifacts: made, ...common } = first.manifest;
  const stampables = stampablesOf(shards);
  const listed = [...made, ...(own ?? [])].map(({ variant }) => variant);
  const variants = shard?.variants ?? [...new Set(listed)];
  // A build of stamps alone has no artifacts.
  const isStampsOnly = own !== undefined && shards.every(({ manifest }) => manifest.artifacts.length === 0);
  const artifacts = isStampsOnly ? [] : inOrder(artifactsOf(shards), variants, stampables);
  const stamps = own === undefined ? [] : stampsOf(shards, variants);
  const manifest = {
    ...common,
    stampables,
    artifacts: artifacts.map(({ record }) => record),
    ...(own === undefined ? {} : { stamps: stamps.map(({ record }) => record) }),
  };
  return { manifest, artifacts, stamps };
}

/** In the order of `variants`, one of each. */
function stampsOf(shards: readonly ShardManifest[], variants: readonly string[]): CollectedStamp[] {
  const found = new Map<string, CollectedStamp>();
  for (const { directory, manifest } of shards) {
    for (const record of manifest.stamps ?? []) {
      const before = found.get(record.variant);
      if (before !== undefined) throw double(record.variant, "a stamp", before.directory, directory);
      found.set(record.variant, { directory, record });
    }
  }
  const missing = variants.filter((variant) => !found.has(variant));
  if (missing.length > 0) throw incomplete(missing, variants.length);
  return variants.flatMap((variant) => found.get(variant) ?? []);
}

/** What two shards must have in common, from what explains a difference best to what contains it all. */
const commonFacts: readonly { readonly what: string; readonly of: (manifest: Manifest) => unknown }[] = [
  { what: "versions of bootstamp", of: ({ generator }) => generator },
  { what: "base images", of: ({ base }) => base },
  { what: "variants", of: ({ shard }) => shard?.variants },
  { what: "choices of stamps", of: ({ stamps }) => stamps !== undefined },
  {
    what: "specs, tables, secrets, engines or values of SOURCE_DATE_EPOCH",
    of: ({ shard }) => shard?.release,
  },
];

function refuseOther(one: ShardManifest, other: ShardManifest): void {
  const difference = commonFacts.find(
    ({ of }) => identityOf(of(one.manifest) ?? "") !== identityOf(of(other.manifest) ?? ""),
  );
  if (difference !== undefined) throw mismatch(one, other, difference.what);
}

function mismatch(one: ShardManifest, other: ShardManifest, what: string): ProgramError {
  const message = `${one.directory} and ${other.directory} are of different ${what}`;
  return new ProgramError("COLLECT_MISMATCH", message, { one: one.directory, other: other.directory });
}

/** A shard without variants has not compressed anything; all others have the same. */
function stampablesOf(shards: readonly ShardManifest[]): readonly StampableRecord[] {
  const [first, ...others] = shards.filter(({ manifest }) => manifest.stampables.length > 0);
  const stampables = first?.manifest.stampables ?? [];
  for (const other of others) {
    if (first !== undefined && identityOf(other.manifest.stampables) !== identityOf(stampables))
      throw mismatch(first, other, "stampable images");
  }
  return stampables;
}

/** By variant and format. */
function artifactsOf(shards: readonly ShardManifest[]): Map<string, CollectedArtifact> {
  const found = new Map<string, CollectedArtifact>();
  for (const { directory, manifest } of shards) {
    for (const record of manifest.artifacts) {
      const key = keyOf(record.variant, record.format);
      const before = found.get(key);
      if (before !== undefined)
        throw double(record.variant, `.${record.format}`, before.directory, directory);
      found.set(key, { directory, record });
    }
  }
  return found;
}

function double(variant: string, what: string, one: string, other: string): ProgramError {
  const message = `variant ${JSON.stringify(variant)} as ${what} is both in ${one} and in ${other}`;
  return new ProgramError("COLLECT_DOUBLE", message, { variant, one, other });
}

function inOrder(
  found: ReadonlyMap<string, CollectedArtifact>,
  variants: readonly string[],
  stampables: readonly StampableRecord[],
): CollectedArtifact[] {
  const wanted = variants.flatMap((variant) => stampables.map(({ format }) => ({ variant, format })));
  const missing = variants.filter(
    (variant) =>
      stampables.length === 0 || stampables.some(({ format }) => !found.has(keyOf(variant, format))),
  );
  if (missing.length > 0) throw incomplete(missing, variants.length);
  const keys = wanted.map(({ variant, format }) => keyOf(variant, format));
  const known = new Set(keys);
  for (const [key, { directory, record }] of found) {
    if (known.has(key)) continue;
    const message = `${directory} has variant ${JSON.stringify(record.variant)} as .${record.format}, which is not of its release`;
    throw new ProgramError("COLLECT_MISMATCH", message, { directory, variant: record.variant });
  }
  return keys.flatMap((key) => found.get(key) ?? []);
}

const shownNames = 10;

function incomplete(missing: readonly string[], total: number): ProgramError {
  const more = missing.length - shownNames;
  const names = missing.slice(0, shownNames).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const message = `${missing.length} of ${total} variants are in none of the directories: ${names}`;
  return new ProgramError("COLLECT_MISSING", message, { missing: missing.slice(0, shownNames) });
}

function keyOf(variant: string, format: string): string {
  return JSON.stringify([variant, format]);
}
