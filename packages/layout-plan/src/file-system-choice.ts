import { quote } from "@bootstamp/declaration";
import { deriveId } from "@bootstamp/layout";
import type { FileSystemName } from "./layout-file.ts";

/** Characters that a FAT directory entry of a label cannot have, beside lower case and control characters. */
const notInFat = /[^ !#$%&'()\-0-9@A-Z^_`{}~]/;
/** Eleven bytes in the directory entry: Microsoft's FAT specification, "volume label". */
const fatLabelLength = 11;
/** s_volume_name of the ext superblock. */
const extLabelLength = 16;

/** What is wrong with a label; undefined if nothing is. */
export function labelFault(fileSystem: FileSystemName, label: string): string | undefined {
  if (fileSystem === "ext4") {
    const length = Buffer.byteLength(label);
    return length > extLabelLength
      ? `a label of ext4 has at most ${extLabelLength} bytes, ${quote(label)} has ${length}`
      : undefined;
  }
  if (label.length > fatLabelLength)
    return `a label of FAT has at most ${fatLabelLength} characters, ${quote(label)} has ${label.length}`;
  const bad = notInFat.exec(label);
  return bad === null
    ? undefined
    : `a label of FAT is made of capital letters, digits and a few signs, ${quote(bad[0])} is none of them`;
}

/** The label that a file system gets from its partition's name: in capitals for FAT; none if it does not fit. */
export function labelOfName(fileSystem: FileSystemName, name: string): string {
  const label = fileSystem === "fat" ? name.toUpperCase() : name;
  return labelFault(fileSystem, label) === undefined ? label : "";
}

const fatIdPattern = /^([0-9a-f]{4})-?([0-9a-f]{4})$/i;
const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A file system's id as {@link FileSystemChoice} has it; undefined if `text` is none. */
export function fileSystemId(fileSystem: FileSystemName, text: string): string | undefined {
  if (fileSystem === "ext4") return guidPattern.test(text) ? text.toLowerCase() : undefined;
  const [, high, low] = fatIdPattern.exec(text) ?? [];
  return high === undefined || low === undefined ? undefined : `${high}${low}`.toLowerCase();
}

/** The id that systemd-repart derives from the partition's: of FAT the first four bytes of it. */
export function derivedFileSystemId(fileSystem: FileSystemName, partitionId: string): string {
  const id = deriveId(partitionId, "file-system-uuid");
  return fileSystem === "fat" ? id.slice(0, 8) : id;
}
