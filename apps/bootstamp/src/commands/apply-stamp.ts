import type { Patch } from "@bootstamp/byte-source";
import type { SegmentMap } from "@bootstamp/segment-map";
import { stampDevice, stampInPlace, stampRaw, streamRaw } from "@bootstamp/stamp";
import type { Stamp } from "@bootstamp/stamp-file";
import { aboutFile } from "../about-file.ts";
import { checkDevice, isBlockDevice } from "../block-device.ts";
import { bringInOrder } from "../bring-in-order.ts";
import { ProgramError } from "../program-error.ts";
import { refuseOverwriting } from "../build/refuse-overwriting.ts";
import { type MadeVariant, makeVariant, spliceFields, spliceLines, streamVariant } from "../make-variant.ts";
import { openReadable, type ReadableImage } from "../open-readable.ts";
import { refuseUrl } from "./in-place.ts";
import { checkStampFor, readStamp } from "../read-stamp.ts";
import { durationText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { tellWay } from "../report/stamping-report.ts";
import { refuseTerminal, writeToStandardOutput } from "../standard-output.ts";
import { crcText } from "@bootstamp/crc";

export interface ApplyStampOptions {
  /** The base, of any kind: a path or a URL. What is not stampable comes out raw. */
  readonly base: string;
  readonly stamp: string;
  /** The artifact to make, `-` for standard output; absent: the base itself is changed. */
  readonly output?: string;
  /** Where the base is a device: what it calls itself, or its length. */
  readonly device?: string;
  /** Whether it is only said how the variant would be stamped. */
  readonly dryRun?: boolean;
}

/** Stamps a variant out of a base by a stamp that was made elsewhere. */
export async function applyStamp(
  options: ApplyStampOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const { base: reference, output, dryRun = false } = options;
  if (output === "-" && !dryRun) refuseTerminal();
  const inPlace = output === undefined && !dryRun;
  if (inPlace) refuseUrl(reference);
  const stamp = await readStamp(options.stamp);
  if (inPlace && isBlockDevice(reference)) {
    return await applyToDevice(reference, stamp, options.device, reporter, signal);
  }
  if (inPlace) await bringInOrder(reference, reporter);
  const image = await openReadable(reference, { reporter, signal }, "map");
  try {
    const { name: path } = image;
    if (inPlace) refuseForeign(image);
    await aboutFile(options.stamp, async () => checkStampFor(stamp, image));
    if (dryRun) return tellWay(reporter, path, mapOf(image), stamp.patch);
    if (output === "-") {
      await aboutFile(
        path,
        async () => await writeToStandardOutput(streamOf(image, stamp.patch, signal), signal),
      );
      return;
    }
    const made = await aboutFile(path, async () => await apply(image, stamp.patch, output, reporter, signal));
    const { length, rawCrc32 } = made;
    checkResult(stamp, rawCrc32, output ?? path);
    const seconds = (performance.now() - started) / 1000;
    const crc = rawCrc32 === undefined ? {} : { rawCrc32: crcText(rawCrc32) };
    const event = { event: "stamped", path: output ?? path, name: stamp.name, length, ...crc };
    reporter.tell({ ...event, ...spliceFields(made), seconds }, [
      ...spliceLines(made),
      `stamped   ${output ?? path}, ${sizeText(length)}, in ${durationText(seconds)}`,
    ]);
  } finally {
    await image.close();
    reporter.settle();
  }
}

/** Stamps the base that is on a device, which is read whole first. */
async function applyToDevice(
  path: string,
  { name, base, patch }: Stamp,
  device: string | undefined,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  checkDevice(path, device, base.rawLength);
  const onProgress = (done: number): void =>
    reporter.progress({ task: "read device", done, total: base.rawLength });
  try {
    const changedBytes = await stampDevice({ path, base, patch, onProgress, signal });
    const seconds = (performance.now() - started) / 1000;
    reporter.tell({ event: "stamped", path, name, length: base.rawLength, changedBytes, seconds }, [
      `stamped   ${path}, ${sizeText(changedBytes)} of it, in ${durationText(seconds)}`,
    ]);
  } finally {
    reporter.settle();
  }
}

/** A raw image is all stored. */
function mapOf({ packed, raw }: ReadableImage): SegmentMap {
  if (packed !== undefined) return packed.map;
  const { length } = raw;
  const whole = {
    kind: "stored",
    rawOffset: 0,
    rawLength: length,
    packedOffset: 0,
    packedLength: length,
  } as const;
  const unknown = { base: undefined, rawCrc32: undefined, engine: undefined };
  return { format: "raw", rawLength: length, packedLength: length, segments: [whole], ...unknown };
}

async function apply(
  { packed, file, raw, name: path }: ReadableImage,
  patch: Patch,
  output: string | undefined,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<MadeVariant> {
  if (output === undefined) {
    const format = packed === undefined ? {} : { format: packed.format };
    return await stampInPlace({ path, ...format, patch, signal });
  }
  refuseOverwriting(file, [output]);
  if (packed !== undefined) {
    return await makeVariant({ image: { packed, file }, patch, signal }, output, reporter);
  }
  await stampRaw({ base: raw, patch, output, signal });
  return { length: raw.length, rawCrc32: undefined };
}

function streamOf(
  { packed, file, raw }: ReadableImage,
  patch: Patch,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (packed !== undefined) return streamVariant({ image: { packed, file }, patch, signal });
  return streamRaw({ base: raw, patch, signal });
}

/** What is neither raw nor stampable has no place for the bytes of a stamp. */
function refuseForeign({ name, kind, packed, file, raw }: ReadableImage): void {
  if (packed !== undefined || raw === file) return;
  throw new ProgramError("USAGE_NOT_AN_IMAGE", `${name} is a ${kind}: it cannot be changed in place`, {
    path: name,
  });
}

/** By algebra it is what base and patch come to: another value means that the stamp contradicts itself. */
function checkResult({ result }: Stamp, rawCrc32: number | undefined, path: string): void {
  if (rawCrc32 === undefined || rawCrc32 === result.rawCrc32) return;
  throw new ProgramError(
    "VERIFY_DIFFERS",
    `${path}: CRC-32 of the raw bytes is ${crcText(rawCrc32)}, the stamp says ${crcText(result.rawCrc32)}`,
    { path },
  );
}
