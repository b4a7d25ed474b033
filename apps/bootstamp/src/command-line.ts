import { CommanderError } from "commander";
import { ExitStatus } from "./exit-status.ts";
import { makeProgram } from "./program.ts";
import type { ProgramContext } from "./program-context.ts";
import { exitUsage, reportFault, type FaultReport } from "./report/fault-report.ts";
import { jsonReporter } from "./report/json-reporter.ts";
import { printable } from "./report/printable.ts";
import type { Terminal } from "./report/terminal.ts";
import { textReporter } from "./report/text-reporter.ts";

/** What a command needs of its surroundings. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Runs one command line, without the program's name, and returns the exit status. Never throws. */
export async function runCommandLine(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { terminal, environment } = surroundings;
  const json = words.includes("--json");
  const reporter = json ? jsonReporter(terminal) : textReporter(terminal);
  const context: ProgramContext = { ...surroundings, reporter, json };
  try {
    await makeProgram(context).parseAsync([...words], { from: "user" });
    return 0;
  } catch (error) {
    reporter.settle();
    if (error instanceof CommanderError) return reportUsage(error, context);
    if (error instanceof ExitStatus) return error.status;
    const fault = reportFault(error, (environment["BOOTSTAMP_DEBUG"] ?? "") !== "");
    const { code, message, hint } = fault;
    if (json) reporter.tell({ event: "error", code, message, hint }, []);
    else for (const line of faultLines(fault)) terminal.writeErr(`${line}\n`);
    return fault.exitStatus;
  }
}

/** Commander has told people what was wrong, or has shown the help that was asked for. */
function reportUsage({ exitCode, message }: CommanderError, { json, reporter }: ProgramContext): number {
  if (exitCode === 0) return 0;
  const text = message.replace(/^error: /, "");
  if (json) reporter.tell({ event: "error", code: "USAGE_ARGUMENT", message: text }, []);
  return exitUsage;
}

function faultLines({ message, hint, stack }: FaultReport): string[] {
  // A spec can have several faults, each on a line of its own.
  const [first = "", ...others] = message.split("\n").map(printable);
  return [
    `error: ${first}`,
    ...others.map((line) => `       ${line}`),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ...(stack === undefined ? [] : stack.split("\n").map(printable)),
  ];
}
