import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** What one run of a command took: seconds, and bytes of the largest process. */
export interface Figures {
  readonly wall: number;
  readonly cpu: number;
  readonly rss: number;
}

/** A command with the name that tables give it. */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  /** What is printed to reproduce the line; default: the command. */
  readonly shown?: string;
  /** Where its standard output goes. */
  readonly output?: string;
  /** Runs before each round, unmeasured. */
  readonly before?: () => void;
}

/** The medians of a contender's rounds. */
export interface Result extends Figures {
  readonly contender: Contender;
  readonly rounds: number;
}

/** Runs the contenders in turn, `rounds` times: what disturbs the machine disturbs all of them alike. */
export async function compare(contenders: readonly Contender[], rounds: number): Promise<Result[]> {
  const figures = contenders.map((): Figures[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      contender.before?.();
      figures[index]?.push(await measure(contender));
      process.stderr.write(".");
    }
  }
  process.stderr.write("\n");
  return contenders.map((contender, index) => ({ contender, rounds, ...medians(figures[index] ?? []) }));
}

async function measure({ command, output = "/dev/null" }: Contender): Promise<Figures> {
  const wrapper = join(import.meta.dirname, "measured-run.py");
  const { stdout } = await execute("python3", [wrapper, output, ...command], { maxBuffer: 1 << 26 });
  const figures: Figures & { status: number } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  if (figures.status !== 0) throw new Error(`${command.join(" ")} ended with status ${figures.status}`);
  return { wall: figures.wall, cpu: figures.cpu, rss: figures.rss * 1024 };
}

function medians(figures: readonly Figures[]): Figures {
  return {
    wall: median(figures.map(({ wall }) => wall)),
    cpu: median(figures.map(({ cpu }) => cpu)),
    rss: Math.max(...figures.map(({ rss }) => rss)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}
