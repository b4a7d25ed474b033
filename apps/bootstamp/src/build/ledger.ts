import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { writeWholeText } from "@bootstamp/whole-file";

/**
 * What earlier runs found out, so that the next one need not: values by key, one JSON line each, the last one counts.
 *
 * A line is appended as soon as its work is done, so a killed run loses at most the line that it was writing. Nothing
 * in it is trusted to be complete: a lost entry only means that work is done again.
 */
export class Ledger {
  readonly #path: string;
  readonly #entries: Map<string, unknown>;

  constructor(path: string) {
    this.#path = path;
    this.#entries = existsSync(path) ? parseLines(readFileSync(path, "utf8")) : new Map<string, unknown>();
  }

  /** The value of a key. Whoever set it under that key vouches for its type. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what a file holds has no type here
  get<Value>(key: string): Value | undefined {
    const value: any = this.#entries.get(key); // oxlint-disable-line typescript/no-explicit-any -- as above
    return value;
  }

  set(key: string, value: unknown): void {
    this.#entries.set(key, value);
    // A line break first: the last line may have been cut short by a kill.
    appendFileSync(this.#path, `\n${JSON.stringify([key, value])}`);
  }

  /** Rewrites the file with the entries whose keys `keep` accepts. */
  async compact(keep: (key: string) => boolean): Promise<void> {
    for (const key of [...this.#entries.keys()].filter((each) => !keep(each))) this.#entries.delete(key);
    const lines = [...this.#entries].map((entry) => JSON.stringify(entry));
    await writeWholeText(this.#path, `${lines.join("\n")}\n`);
  }
}

function parseLines(text: string): Map<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const line of text.split("\n")) {
    const entry = parseLine(line);
    if (Array.isArray(entry) && typeof entry[0] === "string") entries.set(entry[0], entry[1]);
  }
  return entries;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
