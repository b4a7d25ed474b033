import { median, spread } from "./statistics.ts";

/** What a command, with all processes that it started, took of the machine. */
export interface Usage {
  /** User and system time. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Resident memory of the largest process at its largest; 0 where nobody looked. */
  readonly peakBytes: number;
}

/** The medians of several runs. */
export interface TypicalUsage extends Usage {
  readonly runs: number;
  /** How far the CPU seconds of the runs lay apart, as a share of their median. */
  readonly cpuSpread: number;
}

export function typicalUsage(usages: readonly Usage[]): TypicalUsage {
  const cpuSeconds = usages.map((usage) => usage.cpuSeconds);
  return {
    cpuSeconds: median(cpuSeconds),
    wallSeconds: median(usages.map((usage) => usage.wallSeconds)),
    peakBytes: Math.max(...usages.map((usage) => usage.peakBytes)),
    runs: usages.length,
    cpuSpread: spread(cpuSeconds),
  };
}
