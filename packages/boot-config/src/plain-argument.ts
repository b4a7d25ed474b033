import { BootConfigError } from "./boot-config-error.ts";
import type { KernelArgument } from "./kernel-argument.ts";
import { splitLines } from "./text-line.ts";

/**
 * Writes an argument for a reader that hands the text through as it is. Quotes go around the value rather than
 * around the whole argument, see {@link checkEntryQuotes}.
 */
export function spellPlain({ text, key, value }: KernelArgument): string {
  const movable = text.startsWith('"') && value !== undefined && !/[" \t]/.test(key) && !value.includes('"');
  return movable ? `${key}="${value}"` : text;
}

/**
 * Refuses an entry in which an edit made an `options` value begin and end with the same quote: systemd-boot
 * takes such a pair off as if it enclosed the whole value (line_get_key_value in its efi-string.c).
 *
 * @throws BootConfigError KARGS_UNSAYABLE
 */
export function checkEntryQuotes(before: string, after: string): void {
  const old = new Set(splitLines(before).map(({ start, end }) => before.slice(start, end)));
  for (const { number, start, end } of splitLines(after)) {
    const line = after.slice(start, end);
    if (old.has(line) || !/^[ \t]*options[ \t]+(["'])[^]*\1[ \t\r]*$/.test(line)) continue;
    throw new BootConfigError(
      "KARGS_UNSAYABLE",
      `writing kernel arguments: options on line ${number} would begin and end with a quote, which systemd-boot takes off`,
      { line: number },
    );
  }
}
