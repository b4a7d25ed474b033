import { FileSource } from "@bootstamp/byte-source";
import type { SectorLength } from "@bootstamp/layout";
import { readTree } from "./directory-tree.ts";
import { extLengthFor } from "./ext-needs.ts";
import { fatLengthFor } from "./fat-needs.ts";
import type { DiskContent } from "./disk-content.ts";

/**
 * The bytes that a partition needs for `content`, in whole sectors: of an image its length; of a new file
 * system a length at which it has room for its files, and little more.
 * @throws DiskImageError `DISK_CONTENT_UNREADABLE`; SourceError.
 */
export async function measureContent(content: DiskContent, sectorLength: SectorLength): Promise<number> {
  const length = await lengthOf(content, sectorLength);
  return Math.ceil(length / sectorLength) * sectorLength;
}

async function lengthOf(content: DiskContent, sectorLength: SectorLength): Promise<number> {
  if (content.kind === "source") return content.source.length;
  if (content.kind === "image") {
    const source = FileSource.open(content.path);
    source.close();
    return source.length;
  }
  const nodes = content.kind === "directory" ? await readTree(content.path) : [];
  if (content.fileSystem === "ext4") return extLengthFor(nodes);
  const { fatWidth: width } = content;
  return fatLengthFor(nodes, { sectorLength, ...(width === undefined ? {} : { width }) });
}
