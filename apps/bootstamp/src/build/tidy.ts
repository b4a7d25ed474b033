import { lstatSync } from "node:fs";
import { basename, join } from "node:path";
import { bmapShelf } from "./artifact-bmap.ts";
import { digestsShelf } from "./artifact-digests.ts";
import { baseCrcShelf } from "./base-crc.ts";
import { baseDigestShelf } from "./base-digest.ts";
import { artifactShelf } from "./make-artifact.ts";
import { foretoldShelf } from "./foretell-artifact.ts";
import { stampShelf } from "./make-stamps.ts";
import { stampableShelf, type Stampable } from "./press-base.ts";
import { listedFiles } from "./manifest.ts";
import type { PublishedRecords } from "./published-records.ts";
import { stampBaseShelf } from "./stamp-base.ts";
import type { Survey } from "./survey.ts";
import { unpackedShelf, type WorkingBase } from "./raw-base.ts";
import type { Workshop } from "./workshop.ts";

interface TidySite {
  readonly workshop: Workshop;
  readonly base: WorkingBase;
  readonly records: PublishedRecords;
}

const shelvesOfFiles = [artifactShelf, digestsShelf, bmapShelf, stampShelf, stampBaseShelf];
/** Of files that builds put into the output directory. */
const madeShelves = [artifactShelf, stampShelf, stampBaseShelf];

/**
 * Removes from the workshop what this build did not use, such as stampable images of other versions of the spec.
 * What is known of `files` stays.
 */
export async function tidy(
  { workshop, base }: TidySite,
  { patched }: Survey,
  stampables: readonly Stampable[],
  files: readonly string[],
): Promise<void> {
  const identities = stampables.map(({ record }) => record.identity);
  const copies = base.copy === undefined ? [] : [base.copy];
  workshop.keepOnly(new Set([...patched.map(({ patchKey }) => patchKey), ...identities, ...copies]));
  const kept = new Set([
    baseDigestShelf.keyOf(base.file.path),
    baseCrcShelf.keyOf(base.file.path),
    ...copies.map((copy) => unpackedShelf.keyOf(copy)),
    ...identities.map((identity) => stampableShelf.keyOf(identity)),
    ...files.flatMap((file) => shelvesOfFiles.map((shelf) => shelf.keyOf(file))),
    ...patched.flatMap(({ plan }) =>
      [...plan.outputs.values()].flatMap((file) => [foretoldShelf.keyOf(file), digestsShelf.keyOf(file)]),
    ),
  ]);
  await workshop.ledger.compact((key) => kept.has(key));
}

/** Files of earlier builds that are still there and not of this one. They may be in use, so they stay. */
export function findStrays(
  { workshop, records }: Pick<TidySite, "workshop" | "records">,
  current: readonly string[],
): string[] {
  const { ledger, outputDirectory } = workshop;
  const earlier = [
    ...ledger.keys().flatMap((key) => madeShelves.flatMap((shelf) => shelf.nameIn(key) ?? [])),
    ...(records.earlier === undefined ? [] : listedFiles(records.earlier)).map(({ file }) => basename(file)),
  ];
  const isThere = (file: string): boolean =>
    lstatSync(join(outputDirectory, file), { throwIfNoEntry: false }) !== undefined;
  const ours = new Set(current);
  return [...new Set(earlier)].filter((file) => !ours.has(file) && isThere(file)).toSorted();
}
