import { FileSource, fingerprintAt, type FileFingerprint } from "@bootstamp/byte-source";
import { pressImage } from "@bootstamp/press";
import type { EncodeSettings, Extent, SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import type { ProgressReport } from "../report/reporter.ts";
import type { BaseImage } from "./base-image.ts";
import { identityOf } from "./identity.ts";
import { isStillAt } from "./is-still-at.ts";
import type { StampableRecord } from "./manifest.ts";
import type { Workshop } from "./workshop.ts";

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
  readonly base: BaseImage;
  readonly baseSha256: string;
  readonly stored: readonly Extent[];
  readonly format: StreamFormat;
  readonly settings: EncodeSettings;
}

/** What the ledger keeps of a stampable image. */
interface KnownStampable {
  readonly fingerprint: FileFingerprint;
  /** In hex. */
  readonly crc64nvme: string;
}

/** The key in the ledger of what is known of a stampable image. */
export function stampableKey(identity: string): string {
  return `stampable ${identity}`;
}

/** Finds the stampable image in the workshop, or makes it there. */
export async function pressBase(
  choice: PressChoice,
  workshop: Workshop,
  onProgress: (report: ProgressReport) => void,
  signal: AbortSignal,
): Promise<Stampable> {
  const { base, baseSha256, stored, format, settings } = choice;
  const identity = identityOf({
    base: baseSha256,
    length: base.file.length,
    format: format.name,
    settings,
    stored,
  });
  const path = workshop.stampablePath(identity, format.extension);
  const key = stampableKey(identity);
  const known = workshop.ledger.get<KnownStampable>(key);
  const reused = known !== undefined && isStillAt(path, known.fingerprint);
  const packedCrc64nvme = reused
    ? BigInt(`0x${known.crc64nvme}`)
    : await press({ ...choice, path, key }, workshop, onProgress, signal);
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
  readonly key: string;
}

async function press(
  { base, format, settings, stored, path, key }: PressJob,
  workshop: Workshop,
  onProgress: (report: ProgressReport) => void,
  signal: AbortSignal,
): Promise<bigint> {
  const task = `press ${format.name}`;
  const { packedCrc64nvme } = await pressImage({
    base: base.file,
    format,
    settings,
    stored,
    output: path,
    signal,
    onProgress: ({ rawDone, rawLength }) => onProgress({ task, done: rawDone, total: rawLength }),
  });
  const fingerprint = fingerprintAt(path);
  const crc64nvme = packedCrc64nvme.toString(16);
  if (fingerprint !== undefined)
    workshop.ledger.set(key, { fingerprint, crc64nvme } satisfies KnownStampable);
  return packedCrc64nvme;
}
