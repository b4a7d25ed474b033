import { fingerprintAt, FileSource, sameFingerprint, SourceError } from "@bootstamp/byte-source";
import type { RegionChoice } from "@bootstamp/layout";
import { unpackedSource } from "@bootstamp/press";
import { openRegionWriter } from "@bootstamp/stamp";
import { aboutFile } from "../about-file.ts";
import { ProgramError } from "../program-error.ts";
import { type ReadLayout, regionOf } from "../open-image.ts";
import type { ReadableImage } from "../open-readable.ts";
import { type ImageWriter, type OpenWriter, tellingFull, writeZeros } from "./image-writer.ts";
import { viewOf } from "../image-exports.ts";

/**
 * Makes a partition of a stampable image writable, where it is stored.
 * @throws ProgramError `USAGE_ARGUMENT` for an image of another kind; LayoutError; StampError; MapError.
 */
export async function openRegion(
  image: ReadableImage,
  layout: ReadLayout,
  choice: RegionChoice,
): Promise<OpenWriter> {
  const { file, packed, name: path } = image;
  if (packed === undefined || !(file instanceof FileSource)) {
    throw new ProgramError(
      "USAGE_ARGUMENT",
      `--writable writes into what a stampable file stores: ${path} is a ${image.kind}, which takes --cow`,
      { path },
    );
  }
  const { offset, length } = regionOf(layout, choice);
  const regions = await aboutFile(path, async () => {
    return await openRegionWriter({ path, format: packed.format, extents: [{ offset, length }] });
  });
  if (!isStill(file)) {
    await regions.close();
    throw new SourceError("SOURCE_CHANGED", `${path} was changed or replaced while it was opened`, { path });
  }
  const write = async (at: number, bytes: Uint8Array): Promise<void> =>
    await tellingFull(async () => await regions.write(at, bytes));
  const writer: ImageWriter = {
    covers: (at, count) => regions.covers(at, count),
    write,
    writeZeroes: async (at, count) => await writeZeros(write, at, count),
    // Inside a file no room can be given back. Zeros compress, in whatever is made of it later.
    trim: async (at, count) => await writeZeros(write, at, count),
    flush: async () => await tellingFull(async () => await regions.flush()),
  };
  // Not the file itself: threads would open that anew, and refuse it once it was written to.
  const live = { length: file.length, read: async (at: number, count: number) => await file.read(at, count) };
  const raw = unpackedSource(packed.format, packed.map, live);
  const close = async (): Promise<void> => {
    await raw.close();
    await aboutFile(path, async () => await regions.close());
  };
  return { writer, view: { ...viewOf(image), raw }, close };
}

/** Whether what is read is what is written to, and nobody wrote to it before it was locked. */
function isStill({ path, fingerprint }: FileSource): boolean {
  const now = fingerprintAt(path);
  return now !== undefined && sameFingerprint(now, fingerprint);
}
