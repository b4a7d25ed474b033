import { printable } from "./printable.ts";
import { durationText, sizeText } from "./quantity.ts";
import type { ProgressReport } from "./reporter.ts";
import type { Terminal } from "./terminal.ts";

/** Where and when a task was first seen, from which its rate is told. */
export interface Rate {
  readonly task: string;
  readonly startedAt: number;
  readonly startedDone: number;
}

export function startRate(report: ProgressReport, now: number): Rate {
  return { task: report.task, startedAt: now, startedDone: report.done };
}

/**
 * One line of `task  [####....]  45 %  512 MiB of 1.2 GiB  120 MiB/s  6 s left`, without the last parts where the
 * terminal is narrow. `now` in ms.
 */
export function progressLine(report: ProgressReport, rate: Rate, now: number, terminal: Terminal): string {
  const { task, done, total, unit } = report;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const seconds = (now - rate.startedAt) / 1000;
  const perSecond = seconds > 0 ? (done - rate.startedDone) / seconds : 0;
  const parts = [
    printable(task),
    bar(share, terminal.unicode),
    `${Math.floor(share * 100)} %`,
    unit === undefined
      ? `${sizeText(done)} of ${sizeText(total)}`
      : `${Math.floor(done)} of ${total} ${unit}`,
  ];
  // A rate of the first moment is no rate.
  if (seconds > 0.5 && perSecond > 0) {
    if (unit === undefined) parts.push(`${sizeText(perSecond)}/s`);
    parts.push(`${durationText((total - done) / perSecond)} left`);
  }
  while (parts.length > 1 && parts.join("  ").length >= terminal.columns) parts.pop();
  return parts.join("  ").slice(0, terminal.columns - 1);
}

function bar(share: number, unicode: boolean): string {
  const width = 20;
  const filled = Math.floor(share * width);
  const [full, empty] = unicode ? ["█", "░"] : ["#", "."];
  return full.repeat(filled) + empty.repeat(width - filled);
}
