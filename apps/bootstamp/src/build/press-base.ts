import { FileSource, fingerprintAt, type FileFingerprint } from "@bootstamp/byte-source";
import { pressImage, type Pressed } from "@bootstamp/press";
import type { EncodeSettings, Extent, SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import type { ProgressReport } from "../report/reporter.ts";
import { rememberBaseCrc } from "./base-crc.ts";
import type { RawBase } from "./base-image.ts";
import { identityOf } from "./identity.ts";
import { isStillAt } from "./is-still-at.ts";
import type { StampableRecord } from "./manifest.ts";
import type { PreparedBases } from "./prepared-bases.ts";
import type { Workshop } from "./workshop.ts";
import { LedgerShelf } from "./ledger-shelf.ts";

/** A stampable image that is ready to be cloned. The opener closes `file`. */
export interface Stampable {
  readonly format: StreamFormat;
  readonly file: FileSource;
  readonly map: SegmentMap;
  readonly packedCrc64nvme: bigint;
  readonly record: StampableRecord;
  /** Whether an earlier run had made it. */
  readonly reused: boolean;
}

export interface PressChoice {
  readonly base: RawBase;
  readonly baseSha256: string;
  readonly stored: readonly Extent[];
  readonly format: StreamFormat;
  readonly settings: EncodeSettings;
  /** Where to look for one that another job made. */
  readonly prepared?: PreparedBases;
}

/** What the ledger keeps of a stampable image. */
export interface KnownStampable {
  readonly fingerprint: FileFingerprint;
  /** In hex. */
  readonly crc64nvme: string;
}

/** By identity. */
export const stampableShelf: LedgerShelf<KnownStampable> = new LedgerShelf("stampable");

/** Of the stampable image of a choice: SHA-256, in hex, over all that decides on its bytes. */
export function pressIdentity({ base, baseSha256, stored, format, settings }: PressChoice): string {
  return identityOf({
    base: baseSha256,
    length: base.file.length,
    format: format.name,
    settings,
    stored,
  });
}

/** Finds the stampable image in the workshop, or takes a prepared one there, or makes it. */
export async function pressBase(
  choice: PressChoice,
  workshop: Workshop,
  onProgress: (report: ProgressReport) => void,
  signal: AbortSignal,
): Promise<Stampable> {
  const { stored, format, settings } = choice;
  const identity = pressIdentity(choice);
  const path = workshop.stampablePath(identity, format.extension);
  const known = stampableShelf.get(workshop.ledger, identity);
  const isHere = known !== undefined && isStillAt(path, known.fingerprint);
  const found = isHere
    ? BigInt(`0x${known.crc64nvme}`)
    : await choice.prepared?.copyTo(path, { identity, extension: format.extension });
  const reused = found !== undefined;
  const packedCrc64nvme = found ?? (await pressInto(workshop, { ...choice, path }, onProgress, signal));
  if (!isHere) remember(workshop, identity, path, packedCrc64nvme);
  const file = FileSource.open(path);
  try {
    const map = await format.readMap(file);
    const record = { identity, format: format.name, ...settings, length: file.length, stored };
    return { format, file, map, packedCrc64nvme, record, reused };
  } catch (error) {
    file.close();
    throw error;
  }
}

interface PressJob extends PressChoice {
  readonly path: string;
}

async function pressInto(
  { ledger }: Workshop,
  job: PressJob,
  onProgress: (report: ProgressReport) => void,
  signal: AbortSignal,
): Promise<bigint> {
  const { rawCrc32, packedCrc64nvme } = await press(job, onProgress, signal);
  rememberBaseCrc(ledger, job.base.file, rawCrc32);
  return packedCrc64nvme;
}

/** Makes a stampable image at `path`. */
export async function press(
  { base, format, settings, stored, path }: PressJob,
  onProgress: (report: ProgressReport) => void,
  signal: AbortSignal,
): Promise<Pressed> {
  const task = `press ${format.name}`;
  return await pressImage({
    base: base.file,
    format,
    settings,
    stored,
    output: path,
    signal,
    onProgress: ({ rawDone, rawLength }) => onProgress({ task, done: rawDone, total: rawLength }),
  });
}

function remember({ ledger }: Workshop, identity: string, path: string, packedCrc64nvme: bigint): void {
  const fingerprint = fingerprintAt(path);
  const crc64nvme = packedCrc64nvme.toString(16);
  if (fingerprint !== undefined) stampableShelf.set(ledger, identity, { fingerprint, crc64nvme });
}
