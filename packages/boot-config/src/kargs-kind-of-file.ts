import { isEntryForGrub } from "./bls-entry.ts";
import type { KargsKind } from "./kargs-kind.ts";

/**
 * The kind of a file that a person names; undefined when its path tells nothing. An entry is `bls-grub` when it
 * was written for GRUB; that GRUB reads another one too only the search over the whole partition can tell.
 */
export function kargsKindOfFile(path: string, text: string): KargsKind | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  if (/\/entries\/[^/]+\.conf$/i.test(path)) return isEntryForGrub(text) ? "bls-grub" : "bls";
  if (/^(?:extlinux\.conf|(?:sys|iso)linux\.cfg)$/.test(name)) return "extlinux";
  if (/^cmdline.*\.txt$/.test(name)) return "cmdline";
  return /^(?:grub|custom)\.cfg$/.test(name) ? "grub" : undefined;
}
