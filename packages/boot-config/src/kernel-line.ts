import type { Splice } from "./splice.ts";

/**
 * One argument as it stands in a file. `known` is false when a boot loader's variable is in it, so that its
 * value is decided at boot; `key` is given as far as it is certain.
 */
export interface ArgumentWord {
  readonly start: number;
  readonly end: number;
  readonly key: string | undefined;
  readonly value: string | undefined;
  readonly known: boolean;
}

/**
 * A stretch `[start, end)` of a file that holds arguments.
 *
 * - `keyword`: it follows a keyword, so that white space stands before every word;
 * - `line`: it is the line itself;
 * - `absent`: there is nothing yet; arguments go between `before` and `after` in the stead of `[start, end)`.
 */
export interface ArgumentPlace {
  readonly shape: "keyword" | "line" | "absent";
  readonly lineNumber: number;
  readonly start: number;
  readonly end: number;
  readonly words: readonly ArgumentWord[];
  readonly before?: string;
  readonly after?: string;
  /** What to do instead when the last word of the place is taken away. */
  readonly emptied?: Splice;
}

/** One kernel command line: all places that are put together for one boot. New arguments go to `target`. */
export interface KernelLine {
  readonly places: readonly ArgumentPlace[];
  readonly target: number;
}

/** Something in a file that looks like a place for kernel arguments and is left alone. */
export interface LeftLine {
  readonly lineNumber: number;
  readonly reason: string;
}

/** What a configuration file holds for us. */
export interface KernelLines {
  readonly lines: readonly KernelLine[];
  readonly left: readonly LeftLine[];
}
