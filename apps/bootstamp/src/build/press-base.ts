import { existsSync } from "node:fs";
import { FileSource } from "@bootstamp/byte-source";
import { pressImage } from "@bootstamp/press";
import type { EncodeChoice, Extent, SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import type { ProgressReport } from "../report/reporter.ts";
import type { BaseImage } from "./base-image.ts";
import { identityOf } from "./identity.ts";
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
  readonly compression: EncodeChoice;
}

/** Finds the stampable image in the workshop, or makes it there. */
export async function pressBase(
  choice: PressChoice,
  workshop: Workshop,
  onProgress: (report: ProgressReport) => void,
  signal: AbortSignal,
): Promise<Stampable> {
  const { base, baseSha256, stored, format } = choice;
  const settings = format.settle(choice.compression);
  const identity = identityOf({
    base: baseSha256,
    length: base.file.length,
    format: format.name,
    settings,
    stored,
  });
  const path = workshop.stampablePath(identity, format.extension);
  const key = `stampable ${identity}`;
  const reused = workshop.ledger.get<string>(key) !== undefined && existsSync(path);
  if (!reused) {
    const task = `press ${format.name}`;
    const pressed = await pressImage({
      base: base.file,
      format,
      settings,
      stored,
      output: path,
      signal,
      onProgress: ({ rawDone, rawLength }) => onProgress({ task, done: rawDone, total: rawLength }),
    });
    workshop.ledger.set(key, pressed.packedCrc64nvme.toString(16));
  }
  const file = FileSource.open(path);
  return {
    format,
    file,
    map: await format.readMap(file),
    packedCrc64nvme: BigInt(`0x${workshop.ledger.get<string>(key)}`),
    record: { identity, format: format.name, ...settings, length: file.length, stored },
    reused,
  };
}
