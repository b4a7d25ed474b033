// Any .gz that has no segment map: an index of places where inflating may begin stands in for one.
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { FileSource, writeAt, type ByteSource } from "@bootstamp/byte-source";
import {
  buildGzipIndex,
  encodeGzipIndex,
  GzipIndexError,
  openIndexedGzip,
  parseGzipIndex,
  type GzipIndex,
} from "@bootstamp/gzip-index";
import { WholeFileError, writeWholeFile } from "@bootstamp/whole-file";
import { isUrl, type Container, type OpenContext } from "./open-container.ts";

/** The raw image inside a .gz, and what to close beside the .gz. */
export interface IndexedGzip {
  readonly raw: ByteSource;
  close(): void;
}

/**
 * Opens a .gz by the index that is kept beside it as `NAME.gzidx`; without one, reads all of it to make one.
 * @param reference how the user named it: beside a URL nothing is kept.
 */
export async function openForeignGzip(
  reference: string,
  { file }: Container,
  context: OpenContext,
): Promise<IndexedGzip> {
  const path = isUrl(reference) ? undefined : `${reference}.gzidx`;
  const kept = path === undefined ? undefined : await readIndex(path, file);
  const index = kept?.index ?? (await makeIndex(file, path, context));
  return { raw: openIndexedGzip(file, index), close: () => kept?.file.close() };
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
      let length = 0;
      for await (const part of encodeGzipIndex(index, packed)) {
        await writeAt(file, part, length);
        length += part.length;
      }
    });
  } catch (error) {
    if (!(error instanceof WholeFileError)) throw error;
  }
}
