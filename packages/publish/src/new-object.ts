import type { ByteSource } from "@bootstamp/byte-source";
import type { WholeChecksums } from "./checksums.ts";
import type { ObjectFacts } from "./object-calls.ts";
import type { ObjectSettings } from "./object-settings.ts";

/** An object that is to be on a server. */
export interface NewObject extends WholeChecksums {
  /** Below the store's prefix. */
  readonly key: string;
  /** Its bytes; of what the server copies, only a few around the seams are read. */
  readonly source: ByteSource;
  /** What its bytes follow from, as in a manifest: an object of the same identity, length and CRC is taken for this one. */
  readonly identity: string;
  /** In hex. Goes into the object's metadata. */
  readonly sha256?: string;
  readonly settings?: ObjectSettings;
  /** Whether an object of other bytes may be replaced. */
  readonly overwrite?: boolean;
}

// Sent as x-amz-meta-... Lower case, as servers give them back.
const identityName = "bootstamp-identity";
const crcName = "bootstamp-crc64nvme";
const sha256Name = "sha256";

export function metadataOf({ identity, crc64nvme, sha256 }: NewObject): Record<string, string> {
  return {
    [identityName]: identity,
    ...(crc64nvme === undefined ? {} : { [crcName]: hexOfCrc64(crc64nvme) }),
    ...(sha256 === undefined ? {} : { [sha256Name]: sha256 }),
  };
}

/** Whether an object on a server is the one that is to be there, by what we wrote beside it. */
export function isSame(facts: ObjectFacts, object: NewObject): boolean {
  const { [crcName]: crc, [identityName]: identity } = facts.metadata;
  const { crc64nvme: expected } = object;
  const isKnown = crc !== undefined && expected !== undefined;
  return (
    facts.length === object.source.length &&
    identity === object.identity &&
    (!isKnown || crc === hexOfCrc64(expected))
  );
}

/** The identity of an object of ours; undefined for others. */
export function identityOf({ metadata }: ObjectFacts): string | undefined {
  return metadata[identityName];
}

/** The CRC-64/NVME that we wrote beside an object; undefined for others. */
export function writtenCrc64({ metadata }: ObjectFacts): bigint | undefined {
  const hex = metadata[crcName] ?? "";
  return /^[0-9a-f]{16}$/.test(hex) ? BigInt(`0x${hex}`) : undefined;
}

function hexOfCrc64(crc: bigint): string {
  return crc.toString(16).padStart(16, "0");
}
