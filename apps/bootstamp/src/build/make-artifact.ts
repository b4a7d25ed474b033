import { lstatSync } from "node:fs";
import { fingerprintAt, type FileFingerprint, type Patch } from "@bootstamp/byte-source";
import type { PackedWrite } from "@bootstamp/segment-map";
import { stampFile, type Stamped } from "@bootstamp/stamp";
import type { StampBase } from "@bootstamp/stamp-file";
import { bmapPathOf } from "./artifact-bmap.ts";
import { isStillAt } from "./is-still-at.ts";
import { removeFile } from "./remove-file.ts";
import { base64OfCrc64, type ArtifactFacts } from "./manifest.ts";
import type { ArtifactOrder, StampContext } from "./stamp-variants.ts";
import { patchedCrc32, crcText } from "@bootstamp/crc";
import { LedgerShelf } from "./ledger-shelf.ts";

/** What the ledger keeps of an artifact. */
interface KnownArtifact {
  readonly identity: string;
  readonly fingerprint: FileFingerprint;
  readonly facts: ArtifactFacts;
}

/** An artifact that is there, or whose bytes are known. */
export interface MadeArtifact {
  /** What tells this state of it from any other, for the ledger. */
  readonly mark: string;
  readonly facts: ArtifactFacts;
  /** Whether it is a file of an earlier run. */
  readonly isOlder: boolean;
  /** Where it differs from the stampable file. */
  readonly writes: () => Promise<readonly PackedWrite[]>;
  /** Seconds that it took; 0 if it was known. */
  readonly seconds: number;
}

export const artifactShelf: LedgerShelf<KnownArtifact> = new LedgerShelf("artifact");

/** Finds an artifact where an earlier run put it, untouched since, or stamps it. */
export async function makeArtifact(
  order: ArtifactOrder,
  context: Pick<StampContext, "identity" | "workshop" | "records" | "signal">,
): Promise<MadeArtifact> {
  const { path, identity, file } = order;
  const { ledger } = context.workshop;
  const known = artifactShelf.get(ledger, file);
  if (known?.identity === identity && isStillAt(path, known.fingerprint)) {
    const { fingerprint, facts } = known;
    return { mark: markOf(fingerprint), facts, isOlder: true, writes: sealing(order), seconds: 0 };
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
  const facts = factsOf(stamped, order, patch, context.identity);
  const fingerprint = fingerprintAt(path);
  if (fingerprint === undefined) throw new Error(`internal error: ${path} is gone`);
  artifactShelf.set(ledger, file, { identity, fingerprint, facts });
  return {
    mark: markOf(fingerprint),
    facts,
    isOlder: false,
    writes: async () => stamped.writes,
    seconds,
  };
}

/** Where the format keeps no CRC-32 of the raw bytes, it follows from the base's. */
export function factsOf(
  { length, rawCrc32, packedCrc64nvme = 0n }: Stamped,
  { stampable }: ArtifactOrder,
  patch: Patch,
  base: StampBase,
): ArtifactFacts {
  return {
    length,
    rawLength: stampable.map.rawLength,
    rawCrc32: crcText(rawCrc32 ?? patchedCrc32(base.rawCrc32, base.rawLength, patch)),
    crc64nvme: base64OfCrc64(packedCrc64nvme),
  };
}

/** For an artifact that is known: what it differs in costs O(patch) to find. */
export function sealing({ stampable, patch }: ArtifactOrder): () => Promise<readonly PackedWrite[]> {
  const { format, map, file } = stampable;
  return async () => (await format.seal(map, patch(), file)).writes;
}

function markOf({ inode, length, modifiedNs, changedNs }: FileFingerprint): string {
  return [inode, length, modifiedNs, changedNs].join(" ");
}
