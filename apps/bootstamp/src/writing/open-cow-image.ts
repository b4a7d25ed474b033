import { existsSync } from "node:fs";
import { parse, resolve } from "node:path";
import { FileSource, type ByteSource, type Patch } from "@bootstamp/byte-source";
import { openCow, type OpenCow } from "@bootstamp/cow-image";
import { crc32 } from "@bootstamp/crc";
import { type Extent, extentEnd, type SegmentMap, storedExtents } from "@bootstamp/segment-map";
import { localFiles } from "@bootstamp/stamp";
import { maxStampFileLength, type StampBase } from "@bootstamp/stamp-file";
import { aboutFile } from "../about-file.ts";
import { refuseOverwriting } from "../build/refuse-overwriting.ts";
import { viewOf } from "../image-exports.ts";
import type { OpenContext } from "../open-container.ts";
import type { ReadableImage } from "../open-readable.ts";
import { readFileBytes } from "../read-file-bytes.ts";
import { countText, sizeText } from "../report/quantity.ts";
import { type ImageWriter, type OpenWriter, tellingFull } from "./image-writer.ts";

export interface CowOptions {
  /** The stamp that writes go into: one that is there is gone on with. */
  readonly path: string;
  /** Whether to say in words what became of it. */
  readonly quiet: boolean;
}

/** Makes all of an image writable, and leaves it as it is: what is written becomes a stamp when it is closed. */
export async function openCowImage(
  image: ReadableImage,
  { path, quiet }: CowOptions,
  context: OpenContext,
): Promise<OpenWriter> {
  const { reporter } = context;
  if (image.file instanceof FileSource) refuseOverwriting(image.file, [path]);
  const lock = await localFiles.lock(resolve(path));
  try {
    const identity = await identityOf(image, context);
    const stamp = existsSync(path) ? readFileBytes(path, maxStampFileLength) : undefined;
    const { name } = parse(path);
    const base = image.raw;
    const cow = await aboutFile(path, async () => await openCow({ base, identity, path, stamp, name }));
    if (cow.recovered) reporter.warn(`${path}: goes on with what was written when a run was cut off`);
    const close = async (): Promise<void> => {
      try {
        lock.assertHeld();
        tell(await saved(cow, image, path), image, { path, quiet }, context);
      } finally {
        await cow.close();
        lock.unlock();
      }
    };
    const view = viewOf(image);
    const extents = (offset: number, length: number) => cow.image.extents(offset, length, view.extents);
    return { writer: writerOf(cow, view.extents), view: { raw: cow.image, extents }, close };
  } catch (error) {
    lock.unlock();
    throw error;
  }
}

function writerOf({ image }: OpenCow, extents: OpenWriter["view"]["extents"]): ImageWriter {
  return {
    covers: (offset, length) => offset >= 0 && offset + length <= image.length,
    write: async (offset, bytes) => await tellingFull(async () => await image.write(offset, bytes)),
    writeZeroes: async (offset, length) =>
      await tellingFull(async () => await image.writeZeroes(offset, length, extents)),
    trim: async (offset, length) => await image.trim(offset, length),
    flush: async () => await tellingFull(async () => await image.flush()),
  };
}

const windowLength = 1 << 20;

/** What a stamp is bound to. Where the file does not tell, all of the image is read. */
async function identityOf({ raw, packed }: ReadableImage, context: OpenContext): Promise<StampBase> {
  const rawCrc32 = packed?.map.rawCrc32 ?? (await crcOf(raw, context));
  return { rawLength: raw.length, rawCrc32 };
}

async function crcOf(raw: ByteSource, { reporter, signal }: OpenContext): Promise<number> {
  let crc = crc32.empty;
  for (let done = 0; done < raw.length; done += windowLength) {
    signal.throwIfAborted();
    crc = crc32.of(await raw.read(done, Math.min(windowLength, raw.length - done)), crc);
    reporter.progress({ task: "identify", done, total: raw.length });
  }
  reporter.settle();
  return crc;
}

/** A base that changed meanwhile is another one: the stamp would be for neither. */
async function saved(cow: OpenCow, { file }: ReadableImage, path: string): Promise<Patch> {
  if (file instanceof FileSource) file.assertUnchanged();
  return await aboutFile(path, async () => await cow.save());
}

function tell(
  patch: Patch,
  { name, packed }: ReadableImage,
  { path, quiet }: CowOptions,
  { reporter }: OpenContext,
): void {
  const changed = patch.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const places = countText(patch.length, "place");
  const line = `saved     ${path}, ${sizeText(changed)} changed in ${places}`;
  reporter.tell({ event: "saved", path, changedBytes: changed, runs: patch.length }, quiet ? [] : [line]);
  if (packed === undefined || isStored(packed.map, patch)) return;
  reporter.warn(
    `${path} changes more than ${name} stores: stamp the raw image with it, or prepare a base that stores that`,
  );
}

function isStored(map: SegmentMap, patch: Patch): boolean {
  const stored = storedExtents(map);
  return patch.every((run) => stored.some((extent) => covers(extent, run)));
}

function covers(extent: Extent, { offset, bytes }: Patch[number]): boolean {
  return offset >= extent.offset && offset + bytes.length <= extentEnd(extent);
}
