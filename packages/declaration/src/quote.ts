import { quoteText } from "@bootstamp/fault";

/** Enough to know it again by. */
const lengthShown = 80;

/** Quotes text of a declaration for a message: on one line, not too long, and nothing that steers a terminal. */
export function quote(text: string): string {
  return text.length > lengthShown ? `${quoteText(text.slice(0, lengthShown))}...` : quoteText(text);
}

/**
 * Whether `text` has characters in it that are not seen where it is printed: control characters, line separators, and
 * those that turn the direction of writing around.
 */
export function hasUnprintable(text: string): boolean {
  return /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text);
}
