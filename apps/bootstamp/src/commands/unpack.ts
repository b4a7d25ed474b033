import { unpackImage, unpackOnto, unpackStream, type DecodeRequest } from "@bootstamp/press";
import { aboutFile } from "../about-file.ts";
import { checkDevice, isBlockDevice } from "../block-device.ts";
import { hexOfCrc32 } from "../build/manifest.ts";
import { refuseOverwriting } from "../build/refuse-overwriting.ts";
import { openStampable } from "../open-image.ts";
import { durationText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { refuseTerminal, writeToStandardOutput } from "../standard-output.ts";

export interface UnpackOptions {
  /** A stampable image or artifact. */
  readonly image: string;
  /** The raw image to make, a block device, or `-`. */
  readonly output: string;
  /** What the device calls itself, or its length. */
  readonly device?: string;
}

/**
 * Decodes a file whole, on all cores, and checks every checksum. A raw image appears when all of it is right; zeros
 * become holes.
 */
export async function unpack(options: UnpackOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const { image: path, output, device } = options;
  const started = performance.now();
  if (output === "-") refuseTerminal();
  const image = await openStampable(path);
  try {
    const { format, map } = image;
    const request: DecodeRequest = {
      path,
      format,
      signal,
      onProgress: ({ rawDone, rawLength }) =>
        reporter.progress({ task: "unpack", done: rawDone, total: rawLength }),
    };
    if (output === "-") {
      const { onProgress: _silent, ...silent } = request;
      return await aboutFile(path, async () => await writeToStandardOutput(unpackStream(silent), signal));
    }
    const ontoDevice = isBlockDevice(output);
    if (ontoDevice) checkDevice(output, device, map.rawLength);
    else refuseOverwriting(image.file, [output]);
    const { rawCrc32 } = await aboutFile(path, async () => {
      return await (ontoDevice ? unpackOnto : unpackImage)({ ...request, output });
    });
    const seconds = (performance.now() - started) / 1000;
    const length = map.rawLength;
    reporter.tell({ event: "unpacked", path: output, length, rawCrc32: hexOfCrc32(rawCrc32), seconds }, [
      `unpacked  ${output}, ${sizeText(length)}, in ${durationText(seconds)}`,
    ]);
  } finally {
    image.file.close();
    reporter.settle();
  }
}
