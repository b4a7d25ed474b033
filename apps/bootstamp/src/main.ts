import { runCommandLine } from "./command-line.ts";
import { exitFailed } from "./report/fault-report.ts";
import { processTerminal } from "./report/terminal.ts";

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The first is answered by an orderly end, a second one by the system's own.
  process.once(signal, () => interrupt.abort());
}

let outputFailure: Error | undefined;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as head, does not stop the work; a full disk behind standard output counts.
  if (error.code !== "EPIPE") outputFailure ??= error;
});
process.stderr.on("error", () => undefined);

const status = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal(),
  environment: process.env,
  signal: interrupt.signal,
});
// A failure is told of only after the write has come back.
await new Promise((done) => process.stdout.write("", done));
if (outputFailure !== undefined && status === 0) {
  process.stderr.write(`error: cannot write to standard output: ${outputFailure.message}\n`);
}
process.exitCode = outputFailure === undefined ? status : status || exitFailed;
