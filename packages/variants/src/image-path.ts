import { hasUnprintable } from "@bootstamp/declaration";

/** Longest name of a file (ext4, and FAT's long names in UTF-16) and longest path (Linux, PATH_MAX less the NUL). */
const nameLengthLimit = 255;
const pathLengthLimit = 4095;

/**
 * Why `path` is no path in an image; undefined when it is one. A slash at its end is allowed.
 *
 * Paths are made of cells of tables: an empty cell would silently mean the folder above, ".." a file elsewhere.
 */
export function imagePathFault(path: string): string | undefined {
  if (!path.startsWith("/")) return `does not start with "/"`;
  if (hasUnprintable(path)) return "has a control character in it";
  if (Buffer.byteLength(path) > pathLengthLimit) return `is longer than ${pathLengthLimit} bytes`;
  const names = path.slice(1).replace(/\/$/, "").split("/");
  if (path !== "/" && names.includes("")) return "has an empty name in it";
  if (names.includes("..") || names.includes(".")) return `has "." or ".." in it`;
  if (names.some((name) => Buffer.byteLength(name) > nameLengthLimit))
    return `has a name longer than ${nameLengthLimit} bytes in it`;
  return undefined;
}
