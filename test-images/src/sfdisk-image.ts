import { run } from "@bootstamp/witnesses";
import { fixedTimes } from "./file-tree.ts";
import { contentsOf, imageLength, placePartitions, type PlannedPartition } from "./gpt-image.ts";
import { fixedGuid } from "./guid.ts";
import type { BuiltImage } from "./image-cache.ts";
import { writeImage } from "./image-file.ts";
import type { ImageInfo, ImagePartition } from "./image-info.ts";

type Described = Pick<ImageInfo, "name" | "boots">;

const sectorLength = 512;

/** Writes an image whose GPT is sfdisk's. */
export async function writeSfdiskGptImage(
  path: string,
  image: Described,
  planned: readonly PlannedPartition[],
): Promise<BuiltImage> {
  const partitions = placePartitions(planned);
  const lines = partitions.map((partition, index) => {
    const type = `type=${planned[index]?.type ?? ""}`;
    return `${sectorsOf(partition)}, ${type}, uuid=${fixedGuid(partition.number)}, name="${partition.label}"`;
  });
  const head = ["label: gpt", `label-id: ${fixedGuid(0)}`];
  return writeTable(path, { ...image, table: "gpt" }, planned, partitions, [...head, ...lines]);
}

/** Writes an image whose MBR is sfdisk's. `systemIds` are the types of the partitions in the same order, as two hexadecimal digits; the planned types and labels are GPT's. */
export async function writeSfdiskMbrImage(
  path: string,
  image: Described,
  planned: readonly PlannedPartition[],
  systemIds: readonly string[],
): Promise<BuiltImage> {
  const partitions = placePartitions(planned);
  const lines = partitions.map(
    (partition, index) => `${sectorsOf(partition)}, type=${systemIds[index] ?? ""}`,
  );
  const head = ["label: dos", "label-id: 0xb0075a3b"];
  return writeTable(path, { ...image, table: "mbr" }, planned, partitions, [...head, ...lines]);
}

function sectorsOf({ offset, length }: ImagePartition): string {
  return `start=${offset / sectorLength}, size=${length / sectorLength}`;
}

async function writeTable(
  path: string,
  image: Described & Pick<ImageInfo, "table">,
  planned: readonly PlannedPartition[],
  partitions: readonly ImagePartition[],
  script: readonly string[],
): Promise<BuiltImage> {
  const length = imageLength(partitions);
  writeImage(path, length, contentsOf(planned, partitions));
  const input = `${script.join("\n")}\n`;
  await run("sfdisk", ["--wipe", "never", "--wipe-partitions", "never", path], { input, env: fixedTimes });
  return { ...image, length, sectorLength, partitions };
}
