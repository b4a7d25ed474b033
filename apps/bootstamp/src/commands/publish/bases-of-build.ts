import { existsSync } from "node:fs";
import { join } from "node:path";
import { FileSource, sameFingerprint, type ByteSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import {
  baseKey,
  findBase,
  objectSource,
  planUpload,
  PublishError,
  uploadBase,
  uploadRecordsIn,
  type BaseOptions,
  type FoundBase,
  type ObjectPlace,
  type PinnedObject,
  type PlannedObject,
  type PublishProgress,
} from "@bootstamp/publish";
import { openDigester } from "@bootstamp/stamp";
import { Ledger } from "../../build/ledger.ts";
import type { Manifest, StampableRecord } from "../../build/manifest.ts";
import { stampableShelf } from "../../build/press-base.ts";
import { ledgerPathIn, stampablePathIn, uploadsPathIn } from "../../build/workshop.ts";
import { formatNamed } from "../../formats.ts";
import { generator } from "../../version.ts";
import type { ComparedBase } from "./compare-with-base.ts";
import { tellBase } from "./publish-report.ts";
import type { PublishSite } from "./publish-site.ts";

/** A stampable image of a build that is on the server, or would be. */
export interface BuildBase extends ComparedBase {
  readonly pinned: PinnedObject;
  readonly close: () => void;
}

export interface BuildBases {
  /** By format. */
  readonly bases: ReadonlyMap<string, BuildBase>;
  /** What would become of them; for a dry run alone. */
  readonly planned: readonly PlannedObject[];
}

/**
 * Uploads the stampable images of a build that are not on the server yet, each with what an earlier run was killed
 * over. Of one that this machine does not have, the object is used. One that is nowhere is left out: its artifacts
 * have nothing to be copied from.
 */
export async function basesOfBuild(
  site: PublishSite,
  directory: string,
  { stampables }: Manifest,
): Promise<BuildBases> {
  const bases = new Map<string, BuildBase>();
  const planned: PlannedObject[] = [];
  try {
    for (const record of stampables) {
      const { extension } = formatNamed(record.format);
      const path = pathOf(directory, record, extension);
      const key = baseKey(record.identity, extension);
      const base = existsSync(path)
        ? await ownBase(site, { directory, path, key, record }, planned)
        : await objectBase(site, key, record);
      if (base !== undefined) bases.set(record.format, base);
    }
  } catch (error) {
    closeAll({ bases });
    throw error;
  }
  return { bases, planned };
}

/** In the workshop, or beside the stamps that are made for it. */
function pathOf(directory: string, { identity, file }: StampableRecord, extension: string): string {
  const kept = stampablePathIn(directory, identity, extension);
  return existsSync(kept) || file === undefined ? kept : join(directory, file);
}

export function closeAll({ bases }: Pick<BuildBases, "bases">): void {
  for (const { close } of bases.values()) close();
}

interface OwnBase {
  readonly directory: string;
  readonly path: string;
  readonly key: string;
  readonly record: StampableRecord;
}

async function ownBase(
  site: PublishSite,
  own: OwnBase,
  planned: PlannedObject[],
): Promise<BuildBase | undefined> {
  const { store, target, signal, dryRun, reporter } = site;
  const { key, record, path, directory } = own;
  const file = FileSource.open(path);
  try {
    const checksums = await checksumsOf(site, file, own);
    const { settings } = target;
    const options: BaseOptions = { identity: record.identity, ...checksums, settings, signal };
    const onProgress = ({ uploadedBytes: done }: PublishProgress): void =>
      reporter.progress({ task: `base .${record.format}`, done, total: file.length });
    const records = uploadRecordsIn(uploadsPathIn(directory));
    if (dryRun) planned.push(await planUpload(store, key, file, options));
    const pinned = dryRun
      ? { ...placeOf(site, key), etag: "", length: file.length }
      : tellBase(reporter, await uploadBase(store, key, file, { ...options, records, onProgress }));
    const map = await formatNamed(record.format).readMap(file);
    return { source: file, map, ...checksums, pinned, close: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

function placeOf({ store: { settings } }: PublishSite, key: string): ObjectPlace {
  return { bucket: settings.bucket, key: settings.prefix + key };
}

async function checksumsOf(
  { store, signal }: PublishSite,
  file: FileSource,
  { directory, record }: OwnBase,
): Promise<{ crc64nvme: bigint; crc32: number | undefined }> {
  const ledger = new Ledger(ledgerPathIn(directory), generator);
  const known = stampableShelf.get(ledger, record.identity);
  const isKnown = known !== undefined && sameFingerprint(known.fingerprint, file.fingerprint);
  const long = isKnown ? BigInt(`0x${known.crc64nvme}`) : await longChecksum(file, signal);
  const isShortWanted = store.settings.checksumAlgorithm === "crc32";
  return { crc64nvme: long, crc32: isShortWanted ? await shortChecksum(file, signal) : undefined };
}

async function longChecksum(file: FileSource, signal: AbortSignal): Promise<bigint> {
  const digester = openDigester();
  try {
    return await digester.crc64nvme({ file, signal });
  } finally {
    await digester.close();
  }
}

const windowLength = 4 << 20;

async function shortChecksum(source: ByteSource, signal: AbortSignal): Promise<number> {
  let checksum = crc32.empty;
  for (let offset = 0; offset < source.length; offset += windowLength) {
    signal.throwIfAborted();
    const length = Math.min(windowLength, source.length - offset);
    checksum = crc32.of(await source.read(offset, length), checksum);
  }
  return checksum;
}

async function objectBase(
  site: PublishSite,
  key: string,
  { identity, format, length }: StampableRecord,
): Promise<BuildBase | undefined> {
  const { store, signal } = site;
  const found = await findIfThere(site, placeOf(site, key));
  if (found?.crc64nvme === undefined || found.identity !== identity || found.pinned.length !== length)
    return undefined;
  const { pinned, crc64nvme, crc32: short } = found;
  const source = objectSource(store, pinned, { signal });
  const map = await formatNamed(format).readMap(source);
  return { source, map, crc64nvme, crc32: short, pinned, close: () => undefined };
}

async function findIfThere(
  { store, signal }: PublishSite,
  place: ObjectPlace,
): Promise<FoundBase | undefined> {
  try {
    return await findBase(store, place, signal);
  } catch (error) {
    if (error instanceof PublishError && error.code === "PUBLISH_NOT_FOUND") return undefined;
    throw error;
  }
}
