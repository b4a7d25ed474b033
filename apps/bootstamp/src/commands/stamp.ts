import { openEditor, type EditOutcome } from "@bootstamp/bootfs";
import { stampInPlace } from "@bootstamp/stamp";
import { aboutFile } from "../about-file.ts";
import { bringInOrder } from "../bring-in-order.ts";
import { changedFiles } from "../build/changed-files.ts";
import { type MadeVariant, makeVariant, spliceFields, spliceLines, streamVariant } from "../make-variant.ts";
import { openStampable, type StampableImage } from "../open-image.ts";
import { durationText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { tellWay } from "../report/stamping-report.ts";
import { refuseTerminal, writeToStandardOutput } from "../standard-output.ts";
import { editImage } from "./edit-image.ts";
import { refuseUrl } from "./in-place.ts";
import { readEdits, type EditOrigin, type StampEdits } from "./stamp-edits.ts";
import { crcText } from "@bootstamp/crc";

export interface StampOptions {
  /** The stampable image: a path or a URL. */
  readonly base: string;
  /** The artifact to make, `-` for standard output; absent: the stampable image itself becomes it. */
  readonly output?: string;
  readonly origin: EditOrigin;
  readonly sectorLength?: 512 | 4096;
  readonly clock?: number;
  /** Whether it is only said how the variant would be stamped. */
  readonly dryRun?: boolean;
}

/** Stamps one variant out of a stampable image, without the raw base. */
export async function stamp(options: StampOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { base: reference, output, dryRun = false } = options;
  if (output === "-" && !dryRun) refuseTerminal();
  const inPlace = output === undefined && !dryRun;
  if (inPlace) refuseUrl(reference);
  const edits = await readEdits(options.origin);
  if (inPlace) await bringInOrder(reference, reporter);
  const image = await openStampable(reference, { reporter, signal });
  try {
    const { name: path, packed } = image;
    const { patch, reports } = await aboutFile(path, async () => {
      return await edited(image, edits, options);
    });
    await image.rest();
    if (dryRun) return tellWay(reporter, path, packed.map, patch);
    const request = { image, patch, signal };
    if (output === "-") return await writeToStandardOutput(streamVariant(request), signal);
    const made: MadeVariant = await aboutFile(path, async () => {
      if (output === undefined) return await stampInPlace({ path, format: packed.format, patch, signal });
      return await makeVariant(request, output, reporter);
    });
    const { length, rawCrc32 } = made;
    const seconds = (performance.now() - started) / 1000;
    reporter.tell(
      {
        event: "stamped",
        path: output ?? path,
        length,
        ...(rawCrc32 === undefined ? {} : { rawCrc32: crcText(rawCrc32) }),
        edits: reports,
        ...spliceFields(made),
        seconds,
      },
      [
        `edited    ${changedFiles(reports) || "nothing"}`,
        ...spliceLines(made),
        `stamped   ${output ?? path}, ${sizeText(length)}, in ${durationText(seconds)}`,
      ],
    );
  } finally {
    await image.close();
    reporter.settle();
  }
}

async function edited(image: StampableImage, edits: StampEdits, options: StampOptions): Promise<EditOutcome> {
  const editor = openEditor({ threads: 1 });
  try {
    return await editImage(editor, image, edits, options);
  } finally {
    await editor.close();
  }
}
