import { requires, type Guard } from "@bootstamp/witnesses";

/** Guards a group of tests by tools, and gives each time enough on a machine that is busy with other things. */
export function witnessed(...tools: readonly string[]): Guard & { readonly timeout: number } {
  return { ...requires(...tools), timeout: 120_000 };
}
