import type { Patch, SyncByteSource } from "@bootstamp/byte-source";
import type { Edit } from "./edit.ts";
import type { EditReport } from "./edit-report.ts";
import { applyEdit } from "./edits/apply-edit.ts";
import type { FileSystemIdentity } from "./file-system.ts";
import { freezeClock } from "./frozen-clock.ts";
import { openWriter } from "./open-file-system.ts";
import type { Region } from "./region.ts";
import { openRegion } from "./region-window.ts";

/** What edits came to. */
export interface EditOutcome {
  /**
   * The changed blocks, 4 KiB each, aligned in the image. Where the region starts or ends inside a block, the block
   * comes whole, with the image's own bytes beyond the region; the last block of the image may be shorter.
   */
  readonly patch: Patch;
  /** One for each edit, in order. */
  readonly reports: readonly EditReport[];
  readonly fileSystem: FileSystemIdentity;
  /** The time that all changes bear, in seconds since 1970. */
  readonly clock: number;
  readonly freeBytes: { readonly before: number; readonly after: number };
}

export interface RegionEdits {
  readonly region: Region;
  /** Of the disk that the image is for, 512 or 4096 bytes. */
  readonly sectorLength: number;
  readonly edits: readonly Edit[];
  readonly clock?: number | undefined;
}

/**
 * Applies edits to the file system in a region of `image`, which stays as it is. Freezes the clock of this thread, and
 * uses a library whose state is lost with an error: for a thread of its own.
 * @throws BootfsError and what an edit throws, with the index of the edit in the field `edit`.
 */
export async function editRegion(
  image: SyncByteSource,
  { region, sectorLength, edits, clock }: RegionEdits,
): Promise<EditOutcome> {
  const window = openRegion(image, region);
  const { fs, seconds } = await openWriter(window.disk, sectorLength, clock);
  freezeClock(seconds);
  const before = fs.freeBytes();
  const reports: EditReport[] = [];
  for (const [index, edit] of edits.entries()) reports.push(await applyEdit(fs, edit, index));
  await fs.flush();
  const freeBytes = { before, after: fs.freeBytes() };
  return { patch: window.changes(), reports, fileSystem: fs.identity, clock: seconds, freeBytes };
}
