import { createHash } from "node:crypto";
import { lstatSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprintAt, type FileFingerprint } from "@bootstamp/byte-source";
import { stampableIdentity } from "@bootstamp/stamp";
import { encodeStamp, trimPatch, type Stamp, type StampArtifact } from "@bootstamp/stamp-file";
import { mapInOrder } from "@bootstamp/threads";
import { writeWholeFile } from "@bootstamp/whole-file";
import { identityOf } from "./identity.ts";
import { isStillAt } from "./is-still-at.ts";
import type { ArtifactRecord, ForetoldRecord, StampRecord } from "./manifest.ts";
import type { Stampable } from "./press-base.ts";
import type { PatchedVariant } from "./render-patches.ts";
import { patchOf, type StampContext } from "./stamp-variants.ts";
import { patchedCrc32 } from "@bootstamp/crc";
import { LedgerShelf } from "./ledger-shelf.ts";

/** A variant whose artifacts are there or known, to be made as a stamp. */
export interface StampOrder {
  readonly variant: PatchedVariant;
  readonly artifacts: readonly ArtifactRecord[];
}

export interface StampsContext extends Pick<
  StampContext,
  "base" | "identity" | "workshop" | "records" | "stamps" | "signal"
> {
  readonly stampables: readonly Stampable[];
}

/** One stamp that is there, and whether this run made it. */
export interface MadeStamp {
  readonly record: StampRecord;
  readonly made: boolean;
}

/** What the ledger keeps of a stamp. */
interface KnownStamp {
  readonly fingerprint: FileFingerprint;
  readonly record: StampRecord;
}

export const stampShelf: LedgerShelf<KnownStamp> = new LedgerShelf("stamp");

/** Makes the stamps that are not there yet, some at a time, and yields all of them in the order of the orders. */
export async function* makeStamps(
  orders: readonly StampOrder[],
  context: StampsContext,
): AsyncGenerator<MadeStamp> {
  const identities = new Map(
    context.stampables.map(({ format, map }) => [format.name, stampableIdentity(map)]),
  );
  const make = async (order: StampOrder): Promise<MadeStamp> => await makeStamp(order, context, identities);
  for await (const stamp of mapInOrder(orders, 4, make)) {
    context.signal.throwIfAborted();
    yield stamp;
  }
}

async function makeStamp(
  order: StampOrder,
  context: StampsContext,
  identities: ReadonlyMap<string, string>,
): Promise<MadeStamp> {
  const { workshop, records } = context;
  const file = order.variant.plan.stampOutput;
  const path = join(workshop.outputDirectory, file);
  const identity = identityOf({ base: context.identity, artifacts: order.artifacts, stamps: context.stamps });
  const known = stampShelf.get(workshop.ledger, file);
  if (known?.record.identity === identity && isStillAt(path, known.fingerprint)) {
    return { record: known.record, made: false };
  }
  // What the records say of the file will not be so any more.
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) records.withdraw();
  const bytes = encodeStamp(await stampOf(order, context, identities));
  await writeWholeFile(path, async (temporaryPath) => writeFileSync(temporaryPath, bytes, { flag: "wx" }));
  const record: StampRecord = {
    variant: order.variant.plan.name,
    identity,
    file,
    length: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    ...(context.stamps === "only" ? { artifacts: order.artifacts.map(foretoldRecord) } : {}),
  };
  const fingerprint = fingerprintAt(path);
  if (fingerprint !== undefined) {
    stampShelf.set(workshop.ledger, file, { fingerprint, record });
  }
  return { record, made: true };
}

async function stampOf(
  { variant, artifacts }: StampOrder,
  { base, identity, workshop }: StampsContext,
  identities: ReadonlyMap<string, string>,
): Promise<Stamp> {
  const patch = await trimPatch(base, patchOf(workshop, variant));
  const rawSha256 = artifacts.find((artifact) => artifact.rawSha256 !== undefined)?.rawSha256;
  return {
    name: variant.plan.name,
    base: identity,
    result: {
      rawCrc32: patchedCrc32(identity.rawCrc32, identity.rawLength, patch),
      ...(rawSha256 === undefined ? {} : { rawSha256 }),
    },
    artifacts: artifacts.map((artifact) => stampArtifact(artifact, identities.get(artifact.format) ?? "")),
    patch,
  };
}

function stampArtifact(
  { format, length, sha256, crc64nvme, fsverity }: ArtifactRecord,
  stampable: string,
): StampArtifact {
  return {
    format,
    stampable,
    length,
    ...(crc64nvme === undefined ? {} : { crc64nvme: Buffer.from(crc64nvme, "base64").readBigUInt64BE() }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(fsverity === undefined ? {} : { fsverity }),
  };
}

function foretoldRecord({ variant: _variant, file: _file, ...rest }: ArtifactRecord): ForetoldRecord {
  return rest;
}
