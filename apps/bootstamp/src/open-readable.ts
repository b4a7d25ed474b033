import type { ByteSource } from "@bootstamp/byte-source";
import { unpackedSource } from "@bootstamp/press";
import type { Qcow2Extent } from "@bootstamp/qcow2";
import { aboutFile } from "./about-file.ts";
import { contentOf, type ContainerContent, type MapPart, type PackedImage } from "./container-content.ts";
import { openForeignGzip } from "./foreign-gzip.ts";
import { openContainer, type Container, type OpenContext } from "./open-container.ts";

/** An image of any kind that can be looked into: raw, qcow2, or compressed; a file, or what a server has. */
export interface ReadableImage extends Container {
  readonly raw: ByteSource;
  /** Absent unless the file has a segment map. */
  readonly packed: PackedImage | undefined;
  /** What it is kept in, for people: "raw image", "qcow2", "foreign .gz", "stampable .xz". */
  readonly kind: string;
  /** Lets go of what decoding holds, before other work that takes memory; a later read of `raw` starts anew. */
  rest(): Promise<void>;
  /** Tells what of the raw image is zeros without reading it; absent where nothing tells. */
  readonly extents?: (offset: number, length: number) => AsyncGenerator<Qcow2Extent>;
}

/**
 * Opens an image by a path, or a URL of http, https or s3. Of a .gz without a segment map, the first opening reads all
 * of it to make an index, which is kept beside a file as `NAME.gzidx`. The caller closes the image.
 */
export async function openReadable(
  reference: string,
  context: OpenContext,
  part: MapPart = "outline",
): Promise<ReadableImage> {
  const container = await openContainer(reference, context);
  return await closedOnFailure(container, async () => {
    return await readableOf(reference, container, await contentOf(container.file, part), context);
  });
}

/** Runs `work` on a container, which is closed if that fails. */
export async function closedOnFailure<T>(container: Container, work: () => Promise<T>): Promise<T> {
  try {
    return await aboutFile(container.name, work);
  } catch (error) {
    await container.close();
    throw error;
  }
}

/** Where decoding holds nothing. */
async function noRest(): Promise<void> {}

/** Shows the raw bytes of what was opened. Closing the result closes the container. */
export async function readableOf(
  reference: string,
  container: Container,
  content: ContainerContent,
  context: OpenContext,
): Promise<ReadableImage> {
  const { file } = container;
  if (content.kind === "raw")
    return { ...container, raw: file, packed: undefined, kind: "raw image", rest: noRest };
  if (content.kind === "qcow2") {
    const { disk } = content;
    const extents = (offset: number, length: number): AsyncGenerator<Qcow2Extent> =>
      disk.extents(offset, length);
    return { ...container, raw: disk, packed: undefined, kind: "qcow2", extents, rest: noRest };
  }
  const closeBoth = (close: () => void | Promise<void>) => async (): Promise<void> => {
    await close();
    await container.close();
  };
  if (content.kind === "packed") {
    const { packed } = content;
    const raw = unpackedSource(packed.format, packed.map, file);
    const kind = `stampable ${packed.format.extension}`;
    const letGo = async (): Promise<void> => await raw.close();
    return { ...container, raw, packed, kind, rest: letGo, close: closeBoth(letGo) };
  }
  const indexed = await openForeignGzip(reference, container, context);
  const kind = `foreign ${content.format.extension}`;
  const close = closeBoth(() => indexed.close());
  return { ...container, raw: indexed.raw, packed: undefined, kind, rest: noRest, close };
}
