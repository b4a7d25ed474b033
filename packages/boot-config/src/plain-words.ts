import { splitCommandLine, splitKernelArgument } from "./kernel-argument.ts";
import type { ArgumentWord } from "./kernel-line.ts";

/** The words of `text[start, end)` as the kernel splits them, undefined when a double quote stays open. */
export function plainWords(text: string, start: number, end: number): ArgumentWord[] | undefined {
  return splitCommandLine(text, start, end)?.map((range) => {
    const { key, value } = splitKernelArgument(text.slice(range.start, range.end));
    return { start: range.start, end: range.end, key, value, known: true };
  });
}
