import { hasUnprintable, quote } from "@bootstamp/declaration";
import { specError, type SpecPosition } from "./spec-error.ts";

/**
 * The kernel arguments in a text, split as the kernel does (lib/cmdline.c, next_arg): at spaces outside double quotes.
 * So a table's cell can hold several, or none.
 *
 * @throws SpecError SPEC_EDIT: a quote that does not end; a control character, which could end the line that the
 * arguments stand in.
 */
export function splitArguments(text: string, position: SpecPosition): readonly string[] {
  const wrong = (what: string) =>
    specError("SPEC_EDIT", position, `the kernel arguments ${quote(text)} ${what}`);
  if (hasUnprintable(text)) throw wrong("have a control character in them");
  if (text.split('"').length % 2 === 0) throw wrong("have a quote that does not end");
  return text.match(/(?:[^ "]|"[^"]*")+/g) ?? [];
}
