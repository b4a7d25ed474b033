import type { RegionChoice } from "@bootstamp/layout";
import { pressImage } from "@bootstamp/press";
import {
  alignExtents,
  totalLength,
  type EncodeChoice,
  type EncodeSettings,
  type Extent,
  type StreamFormat,
} from "@bootstamp/segment-map";
import { openBase, type BaseImage } from "../build/base-image.ts";
import { ProgramError } from "../program-error.ts";
import { tellBase } from "../build/build-report.ts";
import { noStore } from "../build/patch-store.ts";
import { refuseOverwriting } from "../build/refuse-overwriting.ts";
import { openJob, survey } from "../build/survey.ts";
import { formats } from "../formats.ts";
import type { OpenContext } from "../open-container.ts";
import { isSpecName } from "../is-spec-name.ts";
import { countText, durationText, shareText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";

export interface PrepareOptions {
  /** A spec, known by its ending, or an image of any kind, path or URL, of which the whole region is stored. */
  readonly input: string;
  /** The stampable image to make; its ending says the format. */
  readonly output: string;
  /** For an image; a spec has its own. */
  readonly region?: RegionChoice;
  readonly sectorLength?: 512 | 4096;
  readonly compression: EncodeChoice;
  readonly clock?: number;
}

/** Compresses a base image once, into a stampable image. */
export async function prepare(
  options: PrepareOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const format = formatOfName(options.output);
  const { base, stored, settings } = await (isSpecName(options.input)
    ? prepareSpec(options, format, reporter, signal)
    : prepareImage(options, format, { reporter, signal }));
  try {
    if (base.file !== undefined) refuseOverwriting(base.file, [options.output]);
    const { packedLength, map } = await pressImage({
      base: base.raw,
      format,
      settings,
      stored,
      output: options.output,
      signal,
      onProgress: ({ rawDone, rawLength }) =>
        reporter.progress({ task: "press", done: rawDone, total: rawLength }),
    });
    const seconds = (performance.now() - started) / 1000;
    const share = shareText(packedLength, map.rawLength);
    reporter.tell(
      {
        event: "prepared",
        path: options.output,
        length: packedLength,
        segments: map.segments.length,
        stored,
        ...settings,
        seconds,
      },
      [
        `stored    ${sizeText(totalLength(stored))} in ${countText(stored.length, "place")}`,
        `pressed   ${options.output}, ${sizeText(packedLength)}, ${share}, in ${durationText(seconds)}`,
      ],
    );
  } finally {
    await base.close();
    reporter.settle();
  }
}

interface Prepared {
  readonly base: BaseImage;
  readonly stored: readonly Extent[];
  readonly settings: EncodeSettings;
}

async function prepareImage(
  { input: image, region = { role: "boot" }, sectorLength, compression }: PrepareOptions,
  format: StreamFormat,
  context: OpenContext,
): Promise<Prepared> {
  const settings = format.settle(compression);
  const sectors = sectorLength === undefined ? {} : { sectorLength };
  const base = await openBase({ image, region, ...sectors }, context);
  tellBase(context.reporter, base);
  return { base, stored: alignExtents([base.region], 4096, base.raw.length), settings };
}

async function prepareSpec(
  { input, region, sectorLength, compression, clock }: PrepareOptions,
  format: StreamFormat,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Prepared> {
  if (region !== undefined || sectorLength !== undefined) {
    throw new ProgramError(
      "USAGE_ARGUMENT",
      `--region and --sector-size are for an image: ${input} says its own`,
    );
  }
  const job = await openJob(input, { reporter, signal });
  try {
    const settings = format.settle({ ...job.spec.output.compression.get(format.name), ...compression });
    tellBase(reporter, job.base);
    const { stored } = await survey(job, clock, noStore, reporter, signal);
    return { base: job.base, stored, settings };
  } catch (error) {
    await job.base.close();
    throw error;
  }
}

/** The format that a file name's ending means. @throws ProgramError `USAGE_ARGUMENT`. */
export function formatOfName(path: string): StreamFormat {
  const format = formats.find(({ extension }) => path.endsWith(extension));
  if (format !== undefined) return format;
  const known = formats.map(({ extension }) => extension).join(", ");
  throw new ProgramError(
    "USAGE_ARGUMENT",
    `cannot tell the format of ${path}: its name has to end in one of ${known}`,
    { path },
  );
}
