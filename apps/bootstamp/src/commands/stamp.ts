import { openEditor, type EditOutcome } from "@bootstamp/bootfs";
import { stampFile, streamStamped } from "@bootstamp/stamp";
import { aboutFile } from "../about-file.ts";
import { changedFiles } from "../build/changed-files.ts";
import { hexOfCrc32 } from "../build/manifest.ts";
import { openStampable, readLayout, regionOf, type StampableImage } from "../open-image.ts";
import { durationText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { refuseTerminal, writeToStandardOutput } from "../standard-output.ts";
import { readEdits, type EditOrigin, type StampEdits } from "./stamp-edits.ts";

export interface StampOptions {
  /** The stampable image. */
  readonly base: string;
  /** The artifact to make; `-` is standard output. */
  readonly output: string;
  readonly origin: EditOrigin;
  readonly sectorLength?: 512 | 4096;
  readonly clock?: number;
}

/** Stamps one variant out of a stampable image, without the raw base. */
export async function stamp(options: StampOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const toStandardOutput = options.output === "-";
  if (toStandardOutput) refuseTerminal();
  const edits = await readEdits(options.origin);
  const image = await openStampable(options.base);
  try {
    const { format, map, file: stampable } = image;
    const { patch, reports } = await aboutFile(options.base, async () => {
      return await editImage(image, edits, options);
    });
    const request = { format, map, stampable, patch, signal };
    if (toStandardOutput) return await writeToStandardOutput(streamStamped(request), signal);
    const { length, rawCrc32 } = await aboutFile(options.base, async () => {
      return await stampFile({ ...request, output: options.output });
    });
    const seconds = (performance.now() - started) / 1000;
    reporter.tell(
      {
        event: "stamped",
        path: options.output,
        length,
        ...(rawCrc32 === undefined ? {} : { rawCrc32: hexOfCrc32(rawCrc32) }),
        edits: reports,
        seconds,
      },
      [
        `edited    ${changedFiles(reports) || "nothing"}`,
        `stamped   ${options.output}, ${sizeText(length)}, in ${durationText(seconds)}`,
      ],
    );
  } finally {
    image.file.close();
    reporter.settle();
  }
}

async function editImage(
  { raw }: StampableImage,
  { edits, region: choice, placed }: StampEdits,
  { sectorLength: sectors, clock }: StampOptions,
): Promise<EditOutcome> {
  const layout = await readLayout(raw, sectors);
  const { offset, length } = regionOf(layout, choice);
  const { sectorLength } = layout.table;
  const editor = openEditor({ threads: 1 });
  try {
    return await editor.edit({
      source: raw,
      region: { offset, length },
      sectorLength,
      edits,
      ...(clock === undefined ? {} : { clock }),
    });
  } catch (error) {
    throw placed(error);
  } finally {
    await editor.close();
  }
}
