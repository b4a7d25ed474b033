import type { ProgressReport, Reporter, ReportEvent } from "./reporter.ts";
import type { Terminal } from "./terminal.ts";

/** Reports as JSON, one object a line, on standard output. Progress comes at most once a second. */
export function jsonReporter(terminal: Terminal, now: () => number = Date.now): Reporter {
  let lastProgress = -Infinity;
  const write = (event: ReportEvent): void => terminal.writeOut(`${JSON.stringify(event)}\n`);
  return {
    tell: (event) => write(event),
    warn: (message) => write({ event: "warning", message }),
    progress: (report: ProgressReport) => {
      if (now() - lastProgress < 1000 && report.done < report.total) return;
      lastProgress = now();
      write({ event: "progress", ...report });
    },
    settle: () => undefined,
    columns: terminal.columns,
    unicode: terminal.unicode,
  };
}
