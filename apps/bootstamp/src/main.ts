import { runCommandLine } from "./command-line.ts";
import { processTerminal } from "./report/terminal.ts";

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The first is answered by an orderly end, a second one by the system's own.
  process.once(signal, () => interrupt.abort());
}
// A reader that has seen enough, such as head, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(),
  environment: process.env,
  signal: interrupt.signal,
});
