import { printable } from "./printable.ts";
import { progressLine, startRate, type Rate } from "./progress-line.ts";
import type { ProgressReport, Reporter } from "./reporter.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Reports to a person: results on standard output, warnings and a progress line on standard error.
 * Nothing that comes from an image or a file can steer the terminal: every line is made printable here.
 */
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
      if (lines.length === 0) return;
      settle();
      for (const line of lines) terminal.writeOut(`${printable(line)}\n`);
    },
    warn: (message) => {
      settle();
      terminal.writeErr(`warning: ${printable(message)}\n`);
    },
    progress: (report: ProgressReport) => {
      if (!terminal.live) return;
      if (rate?.task !== report.task) rate = startRate(report, now());
      if (now() - drawnAt < 100) return;
      drawnAt = now();
      drawn = true;
      terminal.writeErr(`\r${progressLine(report, rate, now(), terminal)}\u001B[K`);
    },
    settle,
    columns: terminal.columns,
    unicode: terminal.unicode,
  };
}
