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

/** One line of `task  [####....]  45 %  512 MiB of 1.2 GiB  120 MiB/s  6 s left`, without the last parts where the terminal is narrow. `now` in ms. */
export function progressLine(report: ProgressReport, rate: Rate, now: number, terminal: Terminal): string {
  const { task, done, total } = report;
  const share = total === 0 ? 1 : done / total;
  const seconds = (now - rate.startedAt) / 1000;
  const perSecond = seconds > 0 ? (done - rate.startedDone) / seconds : 0;
  const parts = [
    task,
    bar(share, terminal.unicode),
    `${Math.floor(share * 100)} %`,
    `${sizeText(done)} of ${sizeText(total)}`,
  ];
  if (seconds > 0.5 && perSecond > 0) {
    parts.push(`${sizeText(perSecond)}/s`, `${durationText((total - done) / perSecond)} left`);
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
