/*
 * What GRUB hands to Linux. GRUB takes its own quotes off each word of a `linux` command, then joins the words
 * with spaces: a word with a space in it goes between double quotes, and a backslash is put before every ' "
 * and \ (except \xHH). Linux knows no such backslash, so these characters cannot be handed through unchanged.
 */
import { BootConfigError } from "./boot-config-error.ts";
import type { GrubWord } from "./grub-script.ts";
import type { KernelArgument } from "./kernel-argument.ts";
import type { ArgumentWord } from "./kernel-line.ts";

const needsQuotes = /[{}|&$;<> \\#*?[\]]/;
const isChanged = /["']|\\(?!x[0-9A-Fa-f]{2})/;

/** A word of a `linux` command as a kernel argument. */
export function grubArgumentWord({ start, end, literal, opaqueFrom }: GrubWord): ArgumentWord {
  const equals = literal.indexOf("=", 1);
  const known = opaqueFrom === undefined;
  if (equals < 0 || (!known && opaqueFrom <= equals)) {
    return { start, end, key: known ? literal : undefined, value: undefined, known };
  }
  return {
    start,
    end,
    key: literal.slice(0, equals),
    value: known ? literal.slice(equals + 1) : undefined,
    known,
  };
}

/**
 * Writes an argument for GRUB, between double quotes where a character would mean something to GRUB.
 *
 * @param throughEntry the text is the `options` value of a boot loader entry: GRUB then also expands `$`
 * before it looks at quotes, so that no `$` can be written.
 * @throws BootConfigError KARGS_UNSAYABLE when GRUB cannot hand the argument through unchanged.
 */
export function spellForGrub({ key, value, text }: KernelArgument, throughEntry: boolean): string {
  const whole = value === undefined ? key : `${key}=${value}`;
  if (isChanged.test(whole)) throw unsayable(text, "GRUB puts a backslash before quotes and backslashes");
  if (throughEntry && whole.includes("$"))
    throw unsayable(text, "GRUB expands every $ of a boot loader entry");
  if (!needsQuotes.test(whole)) return whole;
  return value === undefined || needsQuotes.test(key) ? quote(whole) : `${key}=${quote(value)}`;
}

function quote(text: string): string {
  return `"${text.replaceAll("$", "\\$")}"`;
}

function unsayable(argument: string, reason: string): BootConfigError {
  return new BootConfigError(
    "KARGS_UNSAYABLE",
    `writing the kernel argument ${JSON.stringify(argument)} for GRUB: ${reason}`,
    { argument },
  );
}
