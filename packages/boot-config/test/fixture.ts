import { readFileSync } from "node:fs";
import { BootConfigError } from "@bootstamp/boot-config";

/** The text of a file in test/fixtures. */
export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

/** The lines that an edit changed, as `number: new line`; the number of lines must be the same. */
export function changedLines(before: string, after: string): string[] {
  const old = before.split("\n");
  const lines = after.split("\n");
  if (old.length !== lines.length) throw new Error(`${old.length} lines became ${lines.length}`);
  return lines.flatMap((line, index) => (line === old[index] ? [] : [`${index + 1}: ${line}`]));
}

/** The code of the error that the work throws, and its message. */
export function errorOf(work: () => unknown): { readonly code: string; readonly message: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof Error && "code" in error)
      return { code: String(error.code), message: error.message };
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** What the work gives, undefined when it refuses with an error of ours; any other error passes through. */
export function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof BootConfigError) return undefined;
    throw error;
  }
}
