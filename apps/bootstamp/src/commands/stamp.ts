import { openEditor, type EditOutcome } from "@bootstamp/bootfs";
import { stampFile, stampInPlace, streamStamped } from "@bootstamp/stamp";
import { aboutFile } from "../about-file.ts";
import { bringInOrder } from "../bring-in-order.ts";
import { changedFiles } from "../build/changed-files.ts";
import { hexOfCrc32 } from "../build/manifest.ts";
import { openStampable, readLayout, regionOf, type StampableImage } from "../open-image.ts";
import { durationText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { refuseTerminal, writeToStandardOutput } from "../standard-output.ts";
import { refuseUrl } from "./in-place.ts";
import { readEdits, type EditOrigin, type StampEdits } from "./stamp-edits.ts";

export interface StampOptions {
  /** The stampable image: a path or a URL. */
  readonly base: string;
  /** The artifact to make, `-` for standard output; absent: the stampable image itself becomes it. */
  readonly output?: string;
  readonly origin: EditOrigin;
  readonly sectorLength?: 512 | 4096;
  readonly clock?: number;
}

/** Stamps one variant out of a stampable image, without the raw base. */
export async function stamp(options: StampOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { base: reference, output } = options;
  if (output === "-") refuseTerminal();
  if (output === undefined) refuseUrl(reference);
  const edits = await readEdits(options.origin);
  if (output === undefined) await bringInOrder(reference, reporter);
  const image = await openStampable(reference, { reporter, signal });
  try {
    const { name: path, packed, file: stampable } = image;
    const { format, map } = packed;
    const { patch, reports } = await aboutFile(path, async () => {
      return await editImage(image, edits, options);
    });
    const request = { format, map, stampable, patch, signal };
    if (output === "-") return await writeToStandardOutput(streamStamped(request), signal);
    const { length, rawCrc32 } = await aboutFile(path, async () => {
      if (output === undefined) return await stampInPlace({ path, format, patch, signal });
      return await stampFile({ ...request, output });
    });
    const seconds = (performance.now() - started) / 1000;
    reporter.tell(
      {
        event: "stamped",
        path: output ?? path,
        length,
        ...(rawCrc32 === undefined ? {} : { rawCrc32: hexOfCrc32(rawCrc32) }),
        edits: reports,
        seconds,
      },
      [
        `edited    ${changedFiles(reports) || "nothing"}`,
        `stamped   ${output ?? path}, ${sizeText(length)}, in ${durationText(seconds)}`,
      ],
    );
  } finally {
    await image.close();
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
