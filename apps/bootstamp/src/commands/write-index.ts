import { open } from "node:fs/promises";
import { type ByteSource, writeAt } from "@bootstamp/byte-source";
import { buildGzipIndex, encodeFlushIndex, encodeGzipIndex, isGzip } from "@bootstamp/gzip-index";
import { writeWholeFile } from "@bootstamp/whole-file";
import { aboutFile } from "../about-file.ts";
import { ProgramError } from "../program-error.ts";
import { refuseOverwriting } from "../build/refuse-overwriting.ts";
import { contentOf } from "../container-content.ts";
import { openContainer } from "../open-container.ts";
import { sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";

export interface IndexOptions {
  /** A .gz of anyone: a path or a URL. */
  readonly image: string;
  /** The index to make. */
  readonly output: string;
}

/**
 * Writes an index of a .gz in the format of indexed_gzip, by which other programs read in it at random. Of a stampable
 * one the map tells it all; any other is read whole.
 */
export async function writeIndex(
  { image, output }: IndexOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const container = await openContainer(image, { reporter, signal });
  const { name, file } = container;
  try {
    refuseOverwriting(file, [output]);
    let length = 0;
    await aboutFile(name, async () => {
      await writeWholeFile(output, async (temporaryPath) => {
        await using target = await open(temporaryPath, "wx");
        for await (const part of indexOf(name, file, reporter, signal)) {
          await writeAt(target, part, length);
          length += part.length;
        }
      });
    });
    reporter.tell({ event: "indexed", path: output, length }, [`wrote     ${output}, ${sizeText(length)}`]);
  } finally {
    await container.close();
    reporter.settle();
  }
}

async function* indexOf(
  name: string,
  file: ByteSource,
  reporter: Reporter,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const content = isGzip(await file.read(0, Math.min(16, file.length)))
    ? await contentOf(file, "outline")
    : undefined;
  if (content?.kind === "packed") {
    const { rawLength, packedLength, segments } = content.packed.map;
    // A stampable .gz has a full flush before every segment.
    yield encodeFlushIndex({ rawLength, packedLength }, segments);
  } else if (content?.kind === "foreign-gzip") {
    let done = 0;
    const onBytes = (bytes: Uint8Array): void => {
      done += bytes.length;
      reporter.progress({ task: "index", done, total: Math.max(done, file.length) });
    };
    const { index } = await buildGzipIndex(file, { onBytes, signal });
    yield* encodeGzipIndex(index, file);
  } else {
    throw new ProgramError("USAGE_NOT_AN_IMAGE", `${name} is no .gz: others bring their index along`, {
      path: name,
    });
  }
}
