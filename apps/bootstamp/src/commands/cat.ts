import { viewRegion } from "@bootstamp/bootfs";
import type { ByteSource } from "@bootstamp/byte-source";
import type { RegionChoice } from "@bootstamp/layout";
import { aboutFile } from "../about-file.ts";
import { ProgramError } from "../program-error.ts";
import { readLayout, regionOf } from "../open-image.ts";
import { openReadable } from "../open-readable.ts";
import type { Reporter } from "../report/reporter.ts";
import { refuseTerminal, writeToStandardOutput } from "../standard-output.ts";

export interface CatOptions {
  readonly image: string;
  /** What of the raw image. */
  readonly part: { readonly file: string } | { readonly partition: RegionChoice } | { readonly range: Range };
  /** Where the file is. */
  readonly region?: RegionChoice;
  readonly sectorLength?: 512 | 4096;
}

interface Range {
  readonly offset: number;
  readonly length: number;
}

const partLength = 1 << 20;

/** Writes a part of a raw image to standard output, decoding only what it takes. */
export async function cat(options: CatOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const { image: path, part } = options;
  // A file may be a text that a person wants to see.
  if (!("file" in part)) refuseTerminal();
  const image = await openReadable(path, { reporter, signal });
  try {
    await aboutFile(image.name, async () => {
      await writeToStandardOutput(contentOf(image.raw, options), signal);
    });
  } finally {
    await image.close();
  }
}

async function* contentOf(raw: ByteSource, options: CatOptions): AsyncGenerator<Uint8Array> {
  const { part, region = { role: "boot" }, sectorLength } = options;
  if ("range" in part) {
    yield* bytesOf(raw, checked(part.range, raw.length));
    return;
  }
  const layout = await readLayout(raw, sectorLength);
  if ("partition" in part) {
    yield* bytesOf(raw, regionOf(layout, part.partition));
    return;
  }
  const view = await viewRegion(raw, regionOf(layout, region));
  try {
    yield* view.content(part.file);
  } finally {
    await view.close();
  }
}

function checked({ offset, length }: Range, imageLength: number): Range {
  if (offset + length <= imageLength) return { offset, length };
  throw new ProgramError(
    "USAGE_ARGUMENT",
    `the range ${offset}:${length} ends at byte ${offset + length}, the image has ${imageLength}`,
    { offset, length, imageLength },
  );
}

async function* bytesOf(raw: ByteSource, { offset, length }: Range): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; done += partLength)
    yield await raw.read(offset + done, Math.min(partLength, length - done));
}
