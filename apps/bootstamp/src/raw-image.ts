// All raw bytes of what a file holds, written out, each checksum of its kind compared.
import {
  chunksOf,
  copyImage,
  copyOnto,
  unpackImage,
  unpackOnto,
  unpackStream,
  type Copied,
} from "@bootstamp/press";
import { inflateWhole } from "@bootstamp/gzip-index";
import type { ContainerContent } from "./container-content.ts";
import type { Container } from "./open-container.ts";

export interface RawImageRequest {
  readonly container: Container;
  readonly content: ContainerContent;
  readonly signal: AbortSignal;
  /** `total` is a guess where only the end shows it. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Makes a raw image, which appears at `output` when all of it is right; zeros become holes. Costs a reading of it all. */
export async function makeRawImage(request: RawImageRequest, output: string): Promise<Copied> {
  return await write(request, output, { unpack: unpackImage, copy: copyImage });
}

/** As {@link makeRawImage}, over what is at `output` already, such as a device: every byte is written. */
export async function writeRawOnto(request: RawImageRequest, output: string): Promise<Copied> {
  return await write(request, output, { unpack: unpackOnto, copy: copyOnto });
}

interface Writers {
  readonly unpack: typeof unpackImage;
  readonly copy: typeof copyImage;
}

async function write(request: RawImageRequest, output: string, { unpack, copy }: Writers): Promise<Copied> {
  const { container, content, signal, onProgress } = request;
  if (content.kind !== "packed") {
    const onDone = (done: number): void => onProgress?.(done, Math.max(done, lengthOf(request)));
    return await copy({ chunks: rawChunks(request), output, signal, onProgress: onDone });
  }
  const { rawCrc32 } = await unpack({
    ...content.packed,
    packed: container.file,
    output,
    signal,
    onProgress: ({ rawDone, rawLength }) => onProgress?.(rawDone, rawLength),
  });
  return { rawCrc32, rawLength: content.packed.map.rawLength };
}

/** The raw bytes, in order. What has been yielded may be wrong until the end is reached without an error. */
export function rawChunks({ container, content, signal }: RawImageRequest): AsyncGenerator<Uint8Array> {
  const { file } = container;
  if (content.kind === "packed") return unpackStream({ ...content.packed, packed: file, signal });
  if (content.kind === "foreign-gzip") return inflateWhole(file);
  return chunksOf(content.kind === "qcow2" ? content.disk : file);
}

/** Of a foreign .gz only what inflating it shows tells the raw length: what it has packed stands in for it. */
function lengthOf({ container, content }: RawImageRequest): number {
  return content.kind === "qcow2" ? content.disk.length : container.file.length;
}
