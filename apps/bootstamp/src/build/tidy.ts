import { lstatSync } from "node:fs";
import { basename, join } from "node:path";
import { bmapKey } from "./artifact-bmap.ts";
import { digestsKey } from "./artifact-digests.ts";
import { baseCrcKey } from "./base-crc.ts";
import { baseKey } from "./base-digest.ts";
import { artifactKey, artifactOfKey } from "./make-artifact.ts";
import { foretoldKey } from "./foretell-artifact.ts";
import { stampKey, stampOfKey } from "./make-stamps.ts";
import { stampableKey, type Stampable } from "./press-base.ts";
import { listedFiles } from "./manifest.ts";
import type { PublishedRecords } from "./published-records.ts";
import { stampBaseKey, stampBaseOfKey } from "./stamp-base.ts";
import type { Survey } from "./survey.ts";
import { unpackedKey, type WorkingBase } from "./raw-base.ts";
import type { Workshop } from "./workshop.ts";

interface TidySite {
  readonly workshop: Workshop;
  readonly base: WorkingBase;
  readonly records: PublishedRecords;
}

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
    baseKey(base.file.path),
    ...copies.map(unpackedKey),
    baseCrcKey(base.file.path),
    ...identities.map(stampableKey),
    ...files.flatMap((file) =>
      [artifactKey, digestsKey, bmapKey, stampKey, stampBaseKey].map((key) => key(file)),
    ),
    ...patched.flatMap(({ plan }) =>
      [...plan.outputs.values()].flatMap((file) => [foretoldKey(file), digestsKey(file)]),
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
    ...ledger.keys().flatMap((key) => artifactOfKey(key) ?? stampOfKey(key) ?? stampBaseOfKey(key) ?? []),
    ...(records.earlier === undefined ? [] : listedFiles(records.earlier)).map(({ file }) => basename(file)),
  ];
  const isThere = (file: string): boolean =>
    lstatSync(join(outputDirectory, file), { throwIfNoEntry: false }) !== undefined;
  const ours = new Set(current);
  return [...new Set(earlier)].filter((file) => !ours.has(file) && isThere(file)).toSorted();
}
