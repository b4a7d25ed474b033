/*
 * A boot loader entry of type 1 (UAPI Boot Loader Specification, "Type #1 Boot Loader Specification Entries"):
 * lines `key value`, `#` comments, `options` any number of times.
 *
 *   title   Fedora CoreOS 41 (ostree:0)
 *   options root=UUID=... rw ignition.platform.id=metal
 *   linux   /ostree/fedora-coreos-1234/vmlinuz
 *
 * Readers differ. systemd-boot joins all `options` lines. GRUB's blscfg takes the first one only, stops at a
 * line without a value, knows no tab as separator where a space follows, expands `$name`, and reads the value
 * as words of a GRUB command.
 */
import { BootConfigError } from "./boot-config-error.ts";
import { grubArgumentWord } from "./grub-argument.ts";
import { scanGrubWords } from "./grub-script.ts";
import type { ArgumentPlace, ArgumentWord, KernelLines } from "./kernel-line.ts";
import { plainWords } from "./plain-words.ts";
import { lineEndingOf, splitLines, type TextLine, wholeLineRange } from "./text-line.ts";

/** Who reads the entry: systemd-boot and its like, or GRUB with blscfg. */
export type BlsReader = "plain" | "grub";

/**
 * Finds the command line of an entry; an entry for Linux without `options` gets a place for them below `linux`.
 *
 * @throws BootConfigError BOOT_TEXT_SYNTAX when an `options` value cannot be split into arguments.
 */
export function findBlsLines(text: string, reader: BlsReader): KernelLines {
  const lines = splitLines(text).map((line) => ({ line, key: keyOf(text, line) }));
  const places = lines
    .filter(({ key }) => key.name === "options")
    .map(({ line, key }) => optionsPlace(text, line, key.end, reader));
  if (places.length > 0) {
    return { lines: [{ places, target: reader === "grub" ? 0 : places.length - 1 }], left: [] };
  }
  const linux = lines.find(({ key }) => key.name === "linux")?.line;
  if (linux === undefined) {
    return {
      lines: [],
      left: [{ lineNumber: 1, reason: "the entry has neither an options nor a linux line" }],
    };
  }
  return { lines: [{ places: [absentPlace(text, linux)], target: 0 }], left: [] };
}

/** Whether an entry was written for GRUB's blscfg: it uses GRUB's variables in `options`, or keys of GRUB's own. */
export function isEntryForGrub(text: string): boolean {
  return splitLines(text).some((line) => {
    const { name, end } = keyOf(text, line);
    return name.startsWith("grub_") || (name === "options" && /\$[A-Za-z_]/.test(text.slice(end, line.end)));
  });
}

function keyOf(text: string, { start, end }: TextLine): { readonly name: string; readonly end: number } {
  const match = /^([ \t]*)([^ \t#][^ \t]*)/.exec(text.slice(start, end));
  return { name: match?.[2] ?? "", end: start + (match?.[0].length ?? 0) };
}

function optionsPlace(text: string, line: TextLine, start: number, reader: BlsReader): ArgumentPlace {
  const words = reader === "grub" ? grubWords(text, line, start) : plainWords(text, start, line.end);
  if (words === undefined) throw syntax(line, "a double quote that stays open");
  // A bare `options` would make blscfg stop reading there: the line goes with its last argument.
  const emptied = { ...wholeLineRange(text, line), text: "" };
  return { shape: "keyword", lineNumber: line.number, start, end: line.end, words, emptied };
}

function grubWords(text: string, line: TextLine, start: number): ArgumentWord[] {
  const { words, stoppedBy } = scanGrubWords({ text, end: line.end }, start);
  if (stoppedBy !== "") throw syntax(line, `a ${JSON.stringify(stoppedBy)} that ends the command for GRUB`);
  return words.map(grubArgumentWord);
}

function absentPlace(text: string, linux: TextLine): ArgumentPlace {
  const ending = lineEndingOf(text);
  const ended = linux.next > linux.end;
  return {
    shape: "absent",
    lineNumber: linux.number + 1,
    start: linux.next,
    end: linux.next,
    words: [],
    before: ended ? "options" : `${ending}options`,
    after: ended ? ending : "",
  };
}

function syntax(line: TextLine, what: string): BootConfigError {
  return new BootConfigError(
    "BOOT_TEXT_SYNTAX",
    `reading a boot loader entry: line ${line.number} has ${what}`,
    { line: line.number },
  );
}
