import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { RegionChoice } from "@bootstamp/layout";
import { pressImage } from "@bootstamp/press";
import {
  alignExtents,
  totalLength,
  type EncodeChoice,
  type Extent,
  type StreamFormat,
} from "@bootstamp/segment-map";
import { openBase, type BaseImage } from "../build/base-image.ts";
import { BuildError } from "../build/build-error.ts";
import { tellBase } from "../build/build-report.ts";
import { baseChoiceOf, readJob, storedExtentsOf } from "../build/build.ts";
import { renderPatches } from "../build/render-patches.ts";
import { formats } from "../formats.ts";
import { durationText, shareText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";

export interface PrepareOptions {
  /** A spec, known by its ending, or a raw image, of which the whole region is stored. */
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
  const { base, stored, compression } = await (isSpec(options.input)
    ? surveySpec(options, reporter, signal)
    : surveyImage(options, reporter));
  try {
    const settings = format.settle(compression);
    const pressed = await pressImage({
      base: base.file,
      format,
      settings,
      stored,
      output: options.output,
      signal,
      onProgress: ({ rawDone, rawLength }) =>
        reporter.progress({ task: "press", done: rawDone, total: rawLength }),
    });
    const { packedLength, map } = pressed;
    const seconds = (performance.now() - started) / 1000;
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
        `pressed   ${options.output}, ${sizeText(packedLength)}, ${shareText(packedLength, map.rawLength)} of ${sizeText(map.rawLength)}, ` +
          `${sizeText(totalLength(stored))} of it stored, in ${durationText(seconds)}`,
      ],
    );
  } finally {
    base.file.close();
    reporter.settle();
  }
}

interface Survey {
  readonly base: BaseImage;
  readonly stored: readonly Extent[];
  readonly compression: EncodeChoice;
}

async function surveyImage(options: PrepareOptions, reporter: Reporter): Promise<Survey> {
  const { sectorLength } = options;
  const base = await openBase({
    image: options.input,
    region: options.region,
    ...(sectorLength === undefined ? {} : { sectorLength }),
  });
  tellBase(reporter, base);
  const stored = alignExtents([base.region], 4096, base.file.length);
  return { base, stored, compression: options.compression };
}

async function surveySpec(options: PrepareOptions, reporter: Reporter, signal: AbortSignal): Promise<Survey> {
  const job = await readJob(options.input);
  const base = await openBase(baseChoiceOf(job.spec));
  const scratch = mkdtempSync(join(tmpdir(), "bootstamp-prepare-"));
  try {
    tellBase(reporter, base);
    const patchPath = (key: string): string => join(scratch, key);
    const patched = await renderPatches({ ...job, base, clock: options.clock, patchPath, signal });
    const compression = { ...job.spec.output.compression, ...options.compression };
    return { base, stored: storedExtentsOf({ ...job, base }, patched), compression };
  } catch (error) {
    base.file.close();
    throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function isSpec(path: string): boolean {
  return [".yaml", ".yml", ".json"].includes(extname(path).toLowerCase());
}

/** The format that a file name's ending means. @throws BuildError `USAGE_ARGUMENT`. */
export function formatOfName(path: string): StreamFormat {
  const format = formats.find(({ extension }) => path.endsWith(extension));
  if (format !== undefined) return format;
  const known = formats.map(({ extension }) => extension).join(", ");
  throw new BuildError(
    "USAGE_ARGUMENT",
    `cannot tell the format of ${path}: its name has to end in one of ${known}`,
    { path },
  );
}
