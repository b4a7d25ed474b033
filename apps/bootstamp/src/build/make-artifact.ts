import { lstatSync } from "node:fs";
import { fingerprintAt, type FileFingerprint } from "@bootstamp/byte-source";
import type { PackedWrite } from "@bootstamp/segment-map";
import { stampFile } from "@bootstamp/stamp";
import { bmapPathOf } from "./artifact-bmap.ts";
import { isStillAt } from "./is-still-at.ts";
import { removeFile } from "./remove-file.ts";
import { base64OfCrc64, hexOfCrc32, type ArtifactFacts } from "./manifest.ts";
import type { ArtifactOrder, StampContext } from "./stamp-variants.ts";

/** What the ledger keeps of an artifact. */
interface KnownArtifact {
  readonly identity: string;
  readonly fingerprint: FileFingerprint;
  readonly facts: ArtifactFacts;
}

export interface MadeArtifact {
  readonly fingerprint: FileFingerprint;
  readonly facts: ArtifactFacts;
  /** Where it differs from the stampable file; absent if it was there already. */
  readonly writes: readonly PackedWrite[] | undefined;
  readonly seconds: number;
}

const keyPrefix = "artifact ";

/** The key in the ledger of what is known of an artifact. */
export function artifactKey(file: string): string {
  return keyPrefix + file;
}

/** The artifact that a key of the ledger is about; undefined for other keys. */
export function artifactOfKey(key: string): string | undefined {
  return key.startsWith(keyPrefix) ? key.slice(keyPrefix.length) : undefined;
}

/** Finds an artifact where an earlier run put it, untouched since, or stamps it. */
export async function makeArtifact(
  order: ArtifactOrder,
  context: Pick<StampContext, "workshop" | "records" | "signal">,
): Promise<MadeArtifact> {
  const { path, identity, file } = order;
  const { ledger } = context.workshop;
  const known = ledger.get<KnownArtifact>(artifactKey(file));
  if (known?.identity === identity && isStillAt(path, known.fingerprint)) {
    return { ...known, writes: undefined, seconds: 0 };
  }
  // What the records, and a bmap, say of the file will not be so any more.
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) context.records.withdraw();
  removeFile(bmapPathOf(path));
  const started = performance.now();
  const { format, map, file: stampable, packedCrc64nvme: stampableCrc64nvme } = order.stampable;
  const patch = order.patch();
  const stamped = await stampFile({
    format,
    map,
    stampable,
    patch,
    output: path,
    stampableCrc64nvme,
    signal: context.signal,
  });
  const seconds = (performance.now() - started) / 1000;
  const { length, rawCrc32, packedCrc64nvme = 0n, writes } = stamped;
  const facts: ArtifactFacts = {
    length,
    rawLength: map.rawLength,
    ...(rawCrc32 === undefined ? {} : { rawCrc32: hexOfCrc32(rawCrc32) }),
    crc64nvme: base64OfCrc64(packedCrc64nvme),
  };
  const fingerprint = fingerprintAt(path);
  if (fingerprint === undefined) throw new Error(`internal error: ${path} is gone`);
  ledger.set(artifactKey(file), { identity, fingerprint, facts } satisfies KnownArtifact);
  return { fingerprint, facts, writes, seconds };
}
