import { FileSource, type Patch, type PatchRun } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { format } from "@bootstamp/gzip";
import type { PackedWrite, SegmentMap } from "@bootstamp/segment-map";

/** A stampable image that is open, with a patch for it. */
export interface Patchable {
  readonly source: FileSource;
  readonly map: SegmentMap;
  readonly patch: Patch;
  /** What the patch comes to in the file. */
  readonly writes: readonly PackedWrite[];
}

const blockLength = 4096;

/** Opens a stampable image and makes up a patch that changes every stored block of it. The caller closes `source`. */
export async function openPatchable(path: string): Promise<Patchable> {
  const source = FileSource.open(path);
  const map = await format.readMap(source);
  const patch: PatchRun[] = [];
  for (const segment of map.segments.filter(({ kind }) => kind === "stored")) {
    for (let done = 0; done < segment.rawLength; done += blockLength) {
      const offset = segment.rawOffset + done;
      const length = Math.min(blockLength, segment.rawLength - done);
      const replaced = await format.readStored(map, segment, source, offset, length);
      const bytes = replaced.map((byte) => byte ^ 0xff);
      patch.push({ offset, bytes, replacedCrc32: crc32.of(replaced) });
    }
  }
  const { writes } = await format.seal(map, patch, source);
  return { source, map, patch, writes };
}
