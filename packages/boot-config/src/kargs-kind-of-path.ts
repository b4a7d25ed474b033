import type { KargsKind } from "./kargs-kind.ts";

/**
 * The kind of a file that a person names, by its path; undefined when the name tells nothing. An entry comes as
 * `bls`: whether GRUB reads it only the search over the whole partition can say.
 */
export function kargsKindOfPath(path: string): KargsKind | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  if (/\/entries\/[^/]+\.conf$/i.test(path)) return "bls";
  if (/^(?:extlinux\.conf|(?:sys|iso)linux\.cfg)$/.test(name)) return "extlinux";
  if (/^cmdline.*\.txt$/.test(name)) return "cmdline";
  return /^(?:grub|custom)\.cfg$/.test(name) ? "grub" : undefined;
}
