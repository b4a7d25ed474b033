import { openEditor, rehearse } from "@bootstamp/bootfs";
import { Fault } from "@bootstamp/fault";
import { alignExtents, type Extent } from "@bootstamp/segment-map";
import { formatPosition, type ReserveChoice } from "@bootstamp/variants";
import type { BaseImage } from "./base-image.ts";
import { withRegionFile } from "./scratch-region.ts";

/** What is stored for variants that nobody knows yet. */
export interface ReservedRoom {
  readonly choice: ReserveChoice;
  /** In whole blocks. */
  readonly extents: readonly Extent[];
}

/**
 * Finds what edits that a spec foresees can change on its base.
 * @throws BootfsError by code, with the place of the reserve in the spec.
 */
export async function reserveRoom(base: BaseImage, choice: ReserveChoice): Promise<ReservedRoom> {
  const { raw, region, layout } = base;
  const editor = openEditor();
  try {
    const found = await withRegionFile(base, async (source) => {
      return await rehearse(editor, {
        source,
        region: { offset: region.offset, length: region.length },
        sectorLength: layout.table.sectorLength,
        reserve: choice,
      });
    });
    return { choice, extents: alignExtents(found, 4096, raw.length) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const message = `${formatPosition(choice.position)}: the reserve: ${error.message}`;
    // The index is that of an edit of the rehearsal, not of the spec.
    const { edit: _edit, ...fields } = error.fields;
    throw new Fault(error.code, message, fields, { cause: error });
  } finally {
    await editor.close();
  }
}
