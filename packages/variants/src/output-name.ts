import { hasUnprintable } from "@bootstamp/declaration";

/**
 * The longest name of a file on ext4, XFS, Btrfs and APFS is 255 bytes; temporary names and `.bmap`, which stand beside
 * an artifact, are longer than its own.
 */
const nameLengthLimit = 255 - 32;

/**
 * Why `name` cannot be the file name of an artifact, before the ending of its format; undefined when it can.
 *
 * A name made of a table's cell could lead out of the output folder, hide in it, or be taken for an option by a shell's
 * wildcard; a line end would forge a line of SHA256SUMS.
 */
export function outputNameFault(name: string, formats: readonly string[]): string | undefined {
  if (name === "") return "is empty";
  if (/[/\\]/.test(name)) return "has a slash in it: artifacts stand in the output folder itself";
  if (name.startsWith(".") || name.startsWith("-")) return `starts with "${name[0]}"`;
  if (hasUnprintable(name)) return "has a control character in it";
  const endings = formats.map((format) => `.${format}`);
  const doubled = endings.find((ending) => name.endsWith(ending));
  if (doubled !== undefined) return `ends in ${doubled}, which is added by itself`;
  const longest = Math.max(...endings.map((ending) => Buffer.byteLength(name + ending)));
  if (longest > nameLengthLimit)
    return `has ${longest} bytes with its ending, at most ${nameLengthLimit} fit`;
  return undefined;
}

/** Why `name` cannot be the name of a variant; undefined when it can. It goes into manifests and messages. */
export function variantNameFault(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name !== name.trim()) return "has spaces around it";
  if (hasUnprintable(name)) return "has a control character in it";
  return name.length > 200 ? `has ${name.length} characters, at most 200 fit` : undefined;
}

/**
 * Why `name` cannot be that of a variant that is made as a stamp; undefined when it can. A stamp has a byte for its
 * length.
 */
export function stampNameFault(name: string): string | undefined {
  const length = Buffer.byteLength(name);
  return length > 255 ? `has ${length} bytes in UTF-8, at most 255 fit into a stamp` : undefined;
}
