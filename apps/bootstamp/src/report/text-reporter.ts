import { progressLine, startRate, type Rate } from "./progress-line.ts";
import type { ProgressReport, Reporter } from "./reporter.ts";
import type { Terminal } from "./terminal.ts";

/** Reports to a person: results on standard output, warnings and a progress line on standard error. */
export function textReporter(terminal: Terminal, now: () => number = Date.now): Reporter {
  let rate: Rate | undefined;
  let drawnAt = -Infinity;
  let drawn = false;
  const settle = (): void => {
    if (drawn) terminal.writeErr("\r\u001B[K");
    drawn = false;
    rate = undefined;
    drawnAt = -Infinity;
  };
  return {
    tell: (_event, lines) => {
      settle();
      for (const line of lines) terminal.writeOut(`${line}\n`);
    },
    warn: (message) => {
      settle();
      terminal.writeErr(`warning: ${message}\n`);
    },
    progress: (report: ProgressReport) => {
      if (!terminal.live || now() - drawnAt < 100) return;
      if (rate?.task !== report.task) rate = startRate(report, now());
      drawnAt = now();
      drawn = true;
      terminal.writeErr(`\r${progressLine(report, rate, now(), terminal)}\u001B[K`);
    },
    settle,
    columns: terminal.columns,
    unicode: terminal.unicode,
  };
}
