import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { FileSource, type ByteSource } from "@bootstamp/byte-source";
import {
  buildGzipIndex,
  encodeGzipIndex,
  GzipIndexError,
  isGzip,
  openIndexedGzip,
  parseGzipIndex,
  type GzipIndex,
} from "@bootstamp/gzip-index";
import { openHttpSource } from "@bootstamp/http-source";
import { unpackedSource } from "@bootstamp/press";
import { isQcow2, openQcow2, type Qcow2Extent } from "@bootstamp/qcow2";
import { MapError, type StreamFormat } from "@bootstamp/segment-map";
import { assertSettled } from "@bootstamp/stamp";
import { WholeFileError, writeWholeFile } from "@bootstamp/whole-file";
import { aboutFile } from "./about-file.ts";
import { formatOfFile, type PackedImage } from "./open-image.ts";
import type { Reporter } from "./report/reporter.ts";

/** An image of any kind that can be looked into: raw, qcow2, or compressed; a file, or what a web server has. */
export interface ReadableImage {
  /** For messages: the path, or the URL without what is secret in it. */
  readonly name: string;
  /** What was opened: its length is that of the file. */
  readonly file: ByteSource;
  readonly raw: ByteSource;
  /** Absent unless the file has a segment map. */
  readonly packed: PackedImage | undefined;
  /** What it is kept in, for people: "raw image", "qcow2", "foreign .gz", "stampable .xz". */
  readonly kind: string;
  /** Tells what of the raw image is zeros without reading it; absent where nothing tells. */
  readonly extents?: (offset: number, length: number) => AsyncGenerator<Qcow2Extent>;
  close(): Promise<void>;
}

/** What a long opening needs. */
export interface OpenContext {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/**
 * Opens an image by a path, or an http or https URL. Of a .gz without a segment map, the first opening reads all of it
 * to make an index, which is kept beside a file as `NAME.gzidx`. The caller closes the image.
 */
export async function openReadable(reference: string, context: OpenContext): Promise<ReadableImage> {
  const opened = await openContainer(reference, context.signal);
  try {
    return await aboutFile(opened.name, async () => await openInside(reference, opened, context));
  } catch (error) {
    await opened.close();
    throw error;
  }
}

interface Container {
  readonly name: string;
  readonly file: ByteSource;
  close(): Promise<void>;
}

async function openContainer(reference: string, signal: AbortSignal): Promise<Container> {
  if (!isUrl(reference)) {
    assertSettled(reference);
    const file = FileSource.open(reference);
    return { name: reference, file, close: async () => file.close() };
  }
  const file = await openHttpSource(reference, { environment: process.env, signal });
  return { name: file.name, file, close: async () => file.close() };
}

function isUrl(reference: string): boolean {
  return /^https?:\/\//i.test(reference);
}

async function openInside(
  reference: string,
  container: Container,
  context: OpenContext,
): Promise<ReadableImage> {
  const { file } = container;
  const start = await file.read(0, Math.min(16, file.length));
  if (isQcow2(start)) {
    const raw = await openQcow2(file);
    const extents = (offset: number, length: number): AsyncGenerator<Qcow2Extent> =>
      raw.extents(offset, length);
    return { ...container, raw, packed: undefined, kind: "qcow2", extents };
  }
  const format = await formatOfFile(file);
  if (format === undefined) return { ...container, raw: file, packed: undefined, kind: "raw image" };
  try {
    const map = await format.readMap(file);
    const raw = unpackedSource(format, map, file);
    return { ...container, raw, packed: { format, map }, kind: `stampable ${format.extension}` };
  } catch (error) {
    if (!(error instanceof MapError) || error.code !== "MAP_MISSING" || !isGzip(start)) throw error;
    return await openForeignGzip(reference, container, format, context);
  }
}

async function openForeignGzip(
  reference: string,
  container: Container,
  format: StreamFormat,
  context: OpenContext,
): Promise<ReadableImage> {
  const { name, file } = container;
  const indexPath = isUrl(reference) ? undefined : `${reference}.gzidx`;
  const kept = indexPath === undefined ? undefined : await readIndex(indexPath, file);
  const index = kept?.index ?? (await makeIndex(file, indexPath, context));
  const close = async (): Promise<void> => {
    kept?.file.close();
    await container.close();
  };
  const raw = openIndexedGzip(file, index);
  return { name, file, raw, packed: undefined, kind: `foreign ${format.extension}`, close };
}

interface KeptIndex {
  readonly index: GzipIndex;
  readonly file: FileSource;
}

/** Undefined where there is none, or one of another file: it is made anew then. */
async function readIndex(path: string, packed: ByteSource): Promise<KeptIndex | undefined> {
  if (!existsSync(path)) return undefined;
  const file = FileSource.open(path);
  try {
    return { index: await parseGzipIndex(file, packed), file };
  } catch (error) {
    file.close();
    if (error instanceof GzipIndexError) return undefined;
    throw error;
  }
}

async function makeIndex(
  packed: ByteSource,
  path: string | undefined,
  { reporter, signal }: OpenContext,
): Promise<GzipIndex> {
  let done = 0;
  const onBytes = (bytes: Uint8Array): void => {
    done += bytes.length;
    // how much there is shows at the end only
    reporter.progress({ task: "index", done, total: Math.max(done, packed.length) });
  };
  const { index } = await buildGzipIndex(packed, { onBytes, signal });
  reporter.settle();
  if (path !== undefined) await keepIndex(path, index, packed);
  return index;
}

/** An index that cannot be kept is of use all the same. */
async function keepIndex(path: string, index: GzipIndex, packed: ByteSource): Promise<void> {
  try {
    await writeWholeFile(path, async (temporaryPath) => {
      await using file = await open(temporaryPath, "wx");
      for await (const part of encodeGzipIndex(index, packed)) await file.write(part);
    });
  } catch (error) {
    if (!(error instanceof WholeFileError)) throw error;
  }
}
