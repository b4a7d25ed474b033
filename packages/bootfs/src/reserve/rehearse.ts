import { sliceSyncSource, type ByteSource, type SyncByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "../bootfs-error.ts";
import type { DiskRange, FileSystemReader } from "../file-system.ts";
import { openReader } from "../open-file-system.ts";
import type { EditRequest, RegionEditor } from "../region-editor.ts";
import { checkedRegion, type Region } from "../region.ts";
import { foresee, type Foreseen } from "./foreseen-files.ts";
import { rehearsalsOf, type Rehearsal } from "./rehearsals.ts";
import type { Reserve } from "./reserve.ts";

export interface ReserveRequest extends Pick<EditRequest, "region" | "sectorLength"> {
  readonly source: ByteSource & SyncByteSource;
  readonly reserve: Reserve;
}

/** Of no file: an edit's own time shall differ from what is there. 2005-03-18 01:58:31. */
const clock = 1_111_111_111;
/** Bytes above which there is one rehearsal at a time. */
const longAlone = 8 << 20;

/**
 * Finds what edits that a reserve foresees can change, by making the largest of them on a scratch overlay with the
 * editor that makes the later ones. Each file of the reserve is to be edited once then; order, number and lengths do
 * not matter.
 * @returns extents of the image, in no order; they may overlap. Costs an edit or two for each file of the reserve.
 * @throws BootfsError as {@link RegionEditor.edit} and {@link foresee}.
 */
export async function rehearse(
  editor: RegionEditor,
  { source, region, sectorLength, reserve }: ReserveRequest,
): Promise<Region[]> {
  const { offset, length } = checkedRegion(region, source.length);
  const fs = await openReader(sliceSyncSource(source, offset, length));
  const foreseen = foresee(fs, reserve);
  const found = fixedRanges(fs, foreseen).map((range): Region => {
    return { offset: offset + range.offset, length: range.length };
  });
  const pending = rehearsalsOf(foreseen, fs.identity.blockLength);
  const work = async (): Promise<void> => {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      found.push(...(await changesOf(next, { source, region, sectorLength }, editor)));
    }
  };
  // Contents of rehearsals are as long as the reserve, and in memory several times.
  await (foreseen.filesDemand + foreseen.newFiles.bytes > longAlone ? work() : Promise.all([work(), work()]));
  return found;
}

async function changesOf(
  rehearsal: Rehearsal,
  request: Omit<EditRequest, "edits">,
  editor: RegionEditor,
): Promise<Region[]> {
  for (let size = rehearsal.largest; ;) {
    try {
      const { patch } = await editor.edit({ ...request, edits: rehearsal.edits(size), clock });
      return patch.map(({ offset, bytes }) => ({ offset, length: bytes.length }));
    } catch (error) {
      if (!(error instanceof BootfsError) || error.code !== "BOOTFS_NO_SPACE" || size === 0) throw error;
      // There is less room than would be needed at the worst: what there is shall be filled as far as can be.
      size = Math.max(0, size - stepDown(rehearsal, size, error));
    }
  }
}

function stepDown({ counts }: Rehearsal, size: number, { fields }: BootfsError): number {
  if (counts === "names") return Math.ceil(size / 8);
  return Math.max(4096, Math.ceil(size / 64), Number(fields["missing"] ?? 0));
}

/** What has its place already, and is changed or given to others. */
function fixedRanges(fs: FileSystemReader, { files, slots, newFiles }: Foreseen): DiskRange[] {
  const directories = newFiles.bytes === 0 ? [] : [newFiles.directory];
  const paths = files.flatMap(({ path, above, content }) =>
    content === undefined ? [above] : [path, above],
  );
  const slotRanges = slots.flatMap((path) =>
    fs.extents(path).flatMap(({ offset, length }) => (offset === undefined ? [] : [{ offset, length }])),
  );
  const occupied = [...new Set([...paths, ...directories])].flatMap((path) => fs.occupied(path));
  return [...occupied, ...slotRanges];
}
