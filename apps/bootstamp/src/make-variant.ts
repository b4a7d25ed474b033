import type { Patch } from "@bootstamp/byte-source";
import { stampingCost } from "@bootstamp/segment-map";
import { spliceFile, streamSpliced } from "@bootstamp/splice";
import { stampFile, streamStamped } from "@bootstamp/stamp";
import type { StampableImage } from "./open-image.ts";
import { countText, sizeText } from "./report/quantity.ts";
import type { ReportEvent, Reporter } from "./report/reporter.ts";

/** A patch, and the stampable image that it goes into. */
export interface VariantRequest {
  readonly image: Pick<StampableImage, "packed" | "file">;
  readonly patch: Patch;
  readonly signal: AbortSignal;
}

export interface MadeVariant {
  readonly length: number;
  readonly rawCrc32: number | undefined;
  /** Present where segments had to be packed anew. */
  readonly splice?: MadeSplice;
}

interface MadeSplice {
  readonly segments: number;
  readonly rawBytes: number;
  readonly lengthBefore: number;
  readonly changedBytes: number;
}

/**
 * Makes an artifact whatever the patch touches: where all of it is stored a clone with some bytes overwritten; elsewhere
 * the segments that it touches are packed anew.
 */
export async function makeVariant(
  request: VariantRequest,
  output: string,
  reporter: Reporter,
): Promise<MadeVariant> {
  const { image, patch, signal } = request;
  const { packed, file: stampable } = image;
  const { format, map } = packed;
  if (!needsSplice(request)) return await stampFile({ format, map, stampable, patch, output, signal });
  const { length, rawCrc32, ...splice } = await spliceFile({
    format,
    map,
    stampable,
    patch,
    output,
    signal,
    onProgress: ({ rawDone, rawLength }) =>
      reporter.progress({ task: "splice", done: rawDone, total: rawLength }),
  });
  return { length, rawCrc32, splice };
}

/** {@link makeVariant} as a stream. */
export function streamVariant(request: VariantRequest): AsyncGenerator<Uint8Array> {
  const { image, patch, signal } = request;
  const { packed, file: stampable } = image;
  const { format, map } = packed;
  const parts = { format, map, stampable, patch, signal };
  return needsSplice(request) ? streamSpliced(parts) : streamStamped(parts);
}

/** A patch that reaches beyond the image is for stamping to refuse. */
function needsSplice({ image, patch }: VariantRequest): boolean {
  const { map } = image.packed;
  const extents = patch.map(({ offset, bytes }) => ({ offset, length: bytes.length }));
  if (extents.some(({ offset, length }) => offset + length > map.rawLength)) return false;
  return stampingCost(map, extents).segments > 0;
}

/** What was spliced, for the event of what was made. */
export function spliceFields({ splice }: Pick<MadeVariant, "splice">): Omit<ReportEvent, "event"> {
  return splice === undefined ? {} : { splice };
}

/** What was spliced, for people. */
export function spliceLines({ length, splice }: MadeVariant): string[] {
  if (splice === undefined) return [];
  const { segments, rawBytes, lengthBefore, changedBytes } = splice;
  const what = `${countText(segments, "segment")} of ${sizeText(rawBytes)} not stored in the base, so compressed again`;
  const lengths =
    length === lengthBefore
      ? `the file keeps its length, ${sizeText(changedBytes)} of it changed`
      : `the file's length went from ${lengthBefore} to ${length}`;
  return [`spliced   ${what}; ${lengths}`];
}
