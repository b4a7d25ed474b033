import { totalLength, storedExtents, type SegmentMap } from "@bootstamp/segment-map";
import { aboutFile } from "../about-file.ts";
import { readLayout } from "../open-image.ts";
import { openReadable, type ReadableImage } from "../open-readable.ts";
import { layoutLines, layoutRows, type ImagePicture } from "../report/layout-report.ts";
import { printable } from "../report/printable.ts";
import { shareText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import type { PackedPart } from "../report/strip.ts";

export interface InspectOptions {
  readonly image: string;
  readonly sectorLength?: 512 | 4096;
}

/** Shows what an image is: its partitions, and for a stampable one what is stored and what each part costs. */
export async function inspect(
  options: InspectOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const image = await openReadable(options.image, { reporter, signal }, "map");
  try {
    const layout = await aboutFile(image.name, async () => {
      return await readLayout(image.raw, options.sectorLength);
    });
    const { packed } = image;
    const picture: ImagePicture = {
      length: image.raw.length,
      layout,
      ...(packed === undefined ? {} : { stored: storedExtents(packed.map), packed: packedParts(packed.map) }),
    };
    const { kind, sectorLength, diskId, warnings } = layout.table;
    for (const { message } of warnings) reporter.warn(printable(message));
    reporter.tell(
      {
        event: "image",
        path: image.name,
        rawLength: image.raw.length,
        table: { kind, sectorLength, diskId },
        partitions: layoutRows(picture),
        ...(packed === undefined ? {} : packedFacts(image)),
      },
      [
        ...headLines(image.name, image, `${tableNames[kind]}, ${sectorLength}-byte sectors`),
        "",
        ...layoutLines(picture, reporter.columns, reporter.unicode),
      ],
    );
  } finally {
    await image.close();
  }
}

function packedParts({ segments }: SegmentMap): PackedPart[] {
  return segments.map(({ rawOffset: offset, rawLength: length, packedLength }) => ({
    offset,
    length,
    packedLength,
  }));
}

const tableNames = { gpt: "GPT", mbr: "MBR", none: "no partition table" };

function packedFacts({ packed, file }: ReadableImage): Record<string, unknown> {
  if (packed === undefined) return {};
  const { format, map } = packed;
  return {
    format: format.name,
    packedLength: file.length,
    segments: map.segments.length,
    stored: storedExtents(map),
    rawCrc32: map.rawCrc32,
    base: map.base,
    engine: map.engine,
    pristine: isPristine(packed),
  };
}

function headLines(path: string, image: ReadableImage, table: string): string[] {
  const { packed, raw, file } = image;
  if (packed === undefined) {
    const inside = file === raw ? "" : ` of ${sizeText(file.length)}, ${shareText(file.length, raw.length)}`;
    return [`${path}: ${image.kind}${inside} of ${sizeText(raw.length)}, ${table}`];
  }
  const { format, map } = packed;
  const stored = storedExtents(map);
  const pristine = isPristine(packed);
  return [
    `${path}: stampable ${format.extension} of ${sizeText(file.length)}, ${shareText(file.length, raw.length)} of ${sizeText(raw.length)}, ${table}`,
    `  ${map.segments.length} segments, ${stored.length} stored extents of ${sizeText(totalLength(stored))} in all` +
      (map.engine === undefined ? "" : `, engine ${map.engine}`),
    ...(pristine === undefined
      ? []
      : [pristine ? "  not stamped: its bytes are the base's" : "  stamped: an artifact"]),
  ];
}

/** Whether the file still has the base's bytes; unknown where the format cannot say. */
function isPristine({
  map,
}: {
  readonly map: {
    readonly base: { readonly rawCrc32: number } | undefined;
    readonly rawCrc32: number | undefined;
  };
}): boolean | undefined {
  if (map.base === undefined || map.rawCrc32 === undefined) return undefined;
  return map.base.rawCrc32 === map.rawCrc32;
}
