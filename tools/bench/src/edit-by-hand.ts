import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImagePartition } from "@bootstamp/test-images";
import { readExtFile, readFatFile } from "@bootstamp/witnesses";

/** A raw image in a folder that has not been edited yet. */
interface Unedited {
  readonly image: string;
  readonly boot: ImagePartition;
  /** A small file in the boot partition that holds kernel arguments. */
  readonly configuration: string;
}

/**
 * The shell command that puts two edited files into a copy of an image, of the name `target`, by the file system's own
 * tools; on FAT the one of them that costs something. Writes what it needs into the folder.
 */
export async function editByHand(
  folder: string,
  target: string,
  { image, boot, configuration }: Unedited,
): Promise<string> {
  const at = (name: string): string => join(folder, name);
  const fat = boot.fileSystem !== "ext4";
  const text = await (fat ? readFatFile : readExtFile)(at(image), configuration, boot.offset);
  writeFileSync(
    at("configuration"),
    text.toString("utf8").replaceAll(/^((?:\s*linux|options)\s.*)$/gm, "$1 console=ttyS0,115200n8"),
  );
  writeFileSync(at("marker.txt"), "variant 0\n");
  const lines = [
    "rm /marker.txt",
    "write marker.txt /marker.txt",
    `rm ${configuration}`,
    `write configuration ${configuration}`,
  ];
  writeFileSync(at("edits"), lines.map((line) => `${line}\n`).join(""));
  return fat
    ? `MTOOLS_SKIP_CHECK=1 mcopy -o -i ${target}@@${boot.offset} configuration ::${configuration}`
    : `debugfs -w -f edits '${target}?offset=${boot.offset}'`;
}
