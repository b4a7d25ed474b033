import { fileURLToPath } from "node:url";
import { run } from "@bootstamp/witnesses";

const main = fileURLToPath(new URL("../../../apps/bootstamp/src/main.ts", import.meta.url));

/** One line of what the program says with `--json`. */
export type ProgramEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/**
 * Runs the program in a process of its own, as its users do, and returns what it says.
 * @throws Error where it does not exit with `status`, 0 by default.
 */
export async function bootstamp(words: readonly string[], status = 0): Promise<ProgramEvent[]> {
  const args = ["--conditions=@bootstamp/source", main, ...words, "--json"];
  const printed = await run(process.execPath, args, { statuses: [status] });
  const lines = printed.split("\n").filter((line) => line !== "");
  return lines.map((line): ProgramEvent => JSON.parse(line));
}

/** The one event of a name. @throws Error where there is none, or several. */
export function eventNamed(events: readonly ProgramEvent[], name: string): ProgramEvent {
  const [found, ...more] = events.filter(({ event }) => event === name);
  if (found === undefined || more.length > 0) {
    throw new Error(`expected one event ${name}, got ${events.map(({ event }) => event).join(", ")}`);
  }
  return found;
}
