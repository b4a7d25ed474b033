import { type BlsReader, findBlsLines } from "./bls-entry.ts";
import { findCmdlineTxtLines } from "./cmdline-txt.ts";
import { findExtlinuxLines } from "./extlinux-config.ts";
import { spellForGrub } from "./grub-argument.ts";
import { findGrubLines } from "./grub-config.ts";
import type { SpellArgument } from "./kernel-line-draft.ts";
import type { KernelLines } from "./kernel-line.ts";
import { spellPlain } from "./plain-argument.ts";

/**
 * The kinds of configuration file that hold kernel arguments. `bls` is a boot loader entry that systemd-boot
 * or another plain reader takes as it is, `bls-grub` the same entry where GRUB's blscfg reads it.
 */
export const kargsKinds = ["bls", "bls-grub", "grub", "extlinux", "cmdline"] as const;

export type KargsKind = (typeof kargsKinds)[number];

/** How one kind of file is read and written. */
export interface KargsFormat {
  readonly find: (text: string) => KernelLines;
  readonly spell: SpellArgument;
}

const entry = (reader: BlsReader) => (text: string) => findBlsLines(text, reader);

/** What differs between the kinds. */
export const kargsFormats: Readonly<Record<KargsKind, KargsFormat>> = {
  bls: { find: entry("plain"), spell: spellPlain },
  "bls-grub": { find: entry("grub"), spell: (argument) => spellForGrub(argument, true) },
  grub: { find: findGrubLines, spell: (argument) => spellForGrub(argument, false) },
  extlinux: { find: findExtlinuxLines, spell: spellPlain },
  cmdline: { find: findCmdlineTxtLines, spell: spellPlain },
};
