import type { EditOutcome, RegionEditor } from "@bootstamp/bootfs";
import { readLayout, regionOf, type StampableImage } from "../open-image.ts";
import type { StampEdits } from "./stamp-edits.ts";

export interface EditSettings {
  readonly sectorLength?: 512 | 4096;
  readonly clock?: number;
}

/** Makes edits on an overlay of the raw image inside a stampable one. @throws LayoutError; BootfsError with its place. */
export async function editImage(
  editor: RegionEditor,
  { raw }: Pick<StampableImage, "raw">,
  { edits, region: choice, placed }: StampEdits,
  { sectorLength: sectors, clock }: EditSettings,
): Promise<EditOutcome> {
  const layout = await readLayout(raw, sectors);
  const { offset, length } = regionOf(layout, choice);
  const { sectorLength } = layout.table;
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
  }
}
