import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { explainWriteFailure, writeWholeText } from "@bootstamp/whole-file";

/** Under this key the ledger has the program that wrote what follows. */
const programKey = "program";

/**
 * What earlier runs found out, so that the next one need not: values by key, one JSON line each, the last one counts.
 *
 * A line is appended as soon as its work is done, so a killed run loses at most the line that it was writing. Nothing
 * in it is trusted to be complete: a lost entry only means that work is done again. What another version of the
 * program wrote is not believed: it may have made other bytes of the same inputs.
 */
export class Ledger {
  readonly #path: string;
  readonly #program: string;
  readonly #entries: Map<string, unknown>;
  #signed = false;

  /** `program` names this program and its version. */
  constructor(path: string, program: string) {
    this.#path = path;
    this.#program = program;
    this.#entries = parseLines(readOrEmpty(path), program);
  }

  /** The value of a key. Whoever set it under that key vouches for its type. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what a file holds has no type here
  get<Value>(key: string): Value | undefined {
    const value: any = this.#entries.get(key); // oxlint-disable-line typescript/no-explicit-any -- as above
    return value;
  }

  keys(): string[] {
    return [...this.#entries.keys()];
  }

  /** @throws WholeFileError. */
  set(key: string, value: unknown): void {
    this.#entries.set(key, value);
    const entries: unknown[] = this.#signed
      ? [[key, value]]
      : [
          [programKey, this.#program],
          [key, value],
        ];
    this.#signed = true;
    // A line break first: the last line may have been cut short by a kill.
    const text = entries.map((entry) => `\n${JSON.stringify(entry)}`).join("");
    try {
      appendFileSync(this.#path, text, { mode: 0o600 });
    } catch (error) {
      throw explainWriteFailure(this.#path, error);
    }
  }

  /** Rewrites the file with the entries whose keys `keep` accepts; leaves it alone if that is what it holds. */
  async compact(keep: (key: string) => boolean): Promise<void> {
    for (const key of this.keys().filter((each) => !keep(each))) this.#entries.delete(key);
    const entries = [[programKey, this.#program], ...this.#entries];
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    if (readOrEmpty(this.#path) !== text) await writeWholeText(this.#path, text);
    this.#signed = true;
  }
}

function readOrEmpty(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function parseLines(text: string, program: string): Map<string, unknown> {
  const entries = new Map<string, unknown>();
  let writer: unknown;
  for (const line of text.split("\n")) {
    const entry = parseLine(line);
    if (!Array.isArray(entry) || typeof entry[0] !== "string") continue;
    if (entry[0] === programKey) writer = entry[1];
    else if (writer === program) entries.set(entry[0], entry[1]);
    // Another version's finding takes the place of an older one of ours.
    else entries.delete(entry[0]);
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
