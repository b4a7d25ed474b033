import type { Reporter } from "./report/reporter.ts";
import type { Terminal } from "./report/terminal.ts";

/** What every command is given beside its words. */
export interface ProgramContext {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Whether output is for programs. */
  readonly json: boolean;
}
