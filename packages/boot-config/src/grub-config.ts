/*
 * Kernel command lines in a grub.cfg: the commands linux, linux16, linuxefi and their kin, wherever they stand
 * (menu entries, submenus, functions). The first word behind the command is the kernel's path.
 */
import { grubArgumentWord } from "./grub-argument.ts";
import { type GrubCommand, type GrubWord, scanGrubCommands } from "./grub-script.ts";
import type { KernelLine, KernelLines, LeftLine } from "./kernel-line.ts";
import { splitLines } from "./text-line.ts";

// Some configurations choose between the names at boot: `linux$suffix`, `$linux`.
const linuxCommand = /^(?:linux(?:16|efi|_\w+)?|linux\$\{?\w+\}?|\$\{?linux\w*\}?)$/;
const memoryTest = /(?:^|\/)(?:memtest|mt86)[^/]*$/i;

/**
 * Finds every kernel command line of a grub.cfg.
 *
 * @throws BootConfigError BOOT_TEXT_SYNTAX when the script cannot be split into words.
 */
export function findGrubLines(text: string): KernelLines {
  const lines: KernelLine[] = [];
  const left: LeftLine[] = [];
  const numberAt = lineNumbers(text);
  for (const { words } of scanGrubCommands(text)) {
    const [command, kernel, ...rest] = words;
    if (command === undefined) continue;
    const lineNumber = numberAt(command.start);
    const reason = reasonToLeave(nameOf(text, command), kernel);
    if (reason === undefined && kernel !== undefined) lines.push(kernelLine(kernel, rest, lineNumber));
    else if (reason) left.push({ lineNumber, reason });
  }
  return { lines, left };
}

/** What a grub.cfg without kernel lines does instead, from its commands. */
export interface GrubConfigTraits {
  /** It shows the entries of loader/entries (`blscfg`, `bls_import`). */
  readonly readsEntries: boolean;
  /** It hands over to another configuration (`configfile`, `source`, `normal`). */
  readonly loadsOther: boolean;
}

/** @throws BootConfigError BOOT_TEXT_SYNTAX as {@link findGrubLines}. */
export function grubConfigTraits(text: string): GrubConfigTraits {
  const names = new Set(scanGrubCommands(text).map((command: GrubCommand) => firstName(text, command)));
  return {
    readsEntries: names.has("blscfg") || names.has("bls_import"),
    loadsOther: ["configfile", "source", ".", "normal", "extract_entries_configfile"].some((name) =>
      names.has(name),
    ),
  };
}

/** Undefined for a Linux line, an empty string for a command that is none of ours. */
function reasonToLeave(name: string, kernel: GrubWord | undefined): string | undefined {
  if (name === "multiboot" || name === "multiboot2") {
    return "it starts a multiboot kernel such as Xen; kernel arguments behind it are not edited";
  }
  if (!linuxCommand.test(name)) return "";
  if (kernel === undefined) return `the command ${name} names no kernel`;
  return memoryTest.test(kernel.literal) ? "it starts a memory test, not Linux" : undefined;
}

function kernelLine(kernel: GrubWord, words: readonly GrubWord[], lineNumber: number): KernelLine {
  const place = {
    shape: "keyword" as const,
    lineNumber,
    start: kernel.end,
    end: words.at(-1)?.end ?? kernel.end,
    words: words.map(grubArgumentWord),
  };
  return { places: [place], target: 0 };
}

function firstName(text: string, { words }: GrubCommand): string {
  const first = words[0];
  return first === undefined ? "" : nameOf(text, first);
}

/** A command's name: as written when a variable is in it, without its quotes otherwise. */
function nameOf(text: string, word: GrubWord): string {
  return word.opaqueFrom === undefined ? word.literal : text.slice(word.start, word.end);
}

/** Line numbers for offsets that only grow, in one pass over the text. */
function lineNumbers(text: string): (offset: number) => number {
  const lines = splitLines(text);
  let index = 0;
  return (offset) => {
    while (index + 1 < lines.length && (lines[index]?.next ?? 0) <= offset) index += 1;
    return index + 1;
  };
}
