import { aboutFile } from "../about-file.ts";
import { checkDevice, isBlockDevice } from "../block-device.ts";
import { refuseOverwriting } from "../build/refuse-overwriting.ts";
import { contentOf, type ContainerContent } from "../container-content.ts";
import { openContainer, type Container, type OpenContext } from "../open-container.ts";
import { closedOnFailure, readableOf } from "../open-readable.ts";
import { makeRawImage, rawChunks, writeRawOnto } from "../raw-image.ts";
import { durationText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { refuseTerminal, writeToStandardOutput } from "../standard-output.ts";
import { crcText } from "@bootstamp/crc";

export interface UnpackOptions {
  /** An image of any kind: a path or a URL. */
  readonly image: string;
  /** The raw image to make, a block device, or `-`. */
  readonly output: string;
  /** What the device calls itself, or its length. */
  readonly device?: string;
}

/**
 * Decodes an image whole, on all cores where it has segments, and checks every checksum in it. A raw image appears when
 * all of it is right; zeros become holes.
 */
export async function unpack(options: UnpackOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const { image, output, device } = options;
  const started = performance.now();
  if (output === "-") refuseTerminal();
  const context = { reporter, signal };
  const opened = await openContainer(image, context);
  const { container, content } = await closedOnFailure(opened, async () => {
    return await withKnownLength(image, opened, isBlockDevice(output), context);
  });
  const { name, file } = container;
  const onProgress = (done: number, total: number): void =>
    reporter.progress({ task: "unpack", done, total });
  const request = { container, content, signal, onProgress };
  try {
    if (output === "-") {
      return await aboutFile(name, async () => await writeToStandardOutput(rawChunks(request), signal));
    }
    const ontoDevice = isBlockDevice(output);
    if (ontoDevice) checkDevice(output, device, rawLengthOf(content, file.length));
    else refuseOverwriting(file, [output]);
    const write = ontoDevice ? writeRawOnto : makeRawImage;
    const { rawCrc32, rawLength: length } = await aboutFile(name, async () => await write(request, output));
    const seconds = (performance.now() - started) / 1000;
    reporter.tell({ event: "unpacked", path: output, length, rawCrc32: crcText(rawCrc32), seconds }, [
      `unpacked  ${output}, ${sizeText(length)}, in ${durationText(seconds)}`,
    ]);
  } finally {
    await container.close();
    reporter.settle();
  }
}

interface Opened {
  readonly container: Container;
  readonly content: ContainerContent;
}

/** Before a device is written to, it has to be known that the image fits: of a foreign .gz, an index tells. */
async function withKnownLength(
  reference: string,
  container: Container,
  isNeeded: boolean,
  context: OpenContext,
): Promise<Opened> {
  const content = await contentOf(container.file, "outline");
  if (!isNeeded || content.kind !== "foreign-gzip") return { container, content };
  const readable = await readableOf(reference, container, content, context);
  const close = async (): Promise<void> => await readable.close();
  return { container: { ...container, file: readable.raw, close }, content: { kind: "raw" } };
}

function rawLengthOf(content: ContainerContent, fileLength: number): number {
  if (content.kind === "packed") return content.packed.map.rawLength;
  return content.kind === "qcow2" ? content.disk.length : fileLength;
}
