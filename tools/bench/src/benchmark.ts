import type { Site } from "./site.ts";

/** One section of docs/BENCHMARKS.md, which can be run alone. */
export interface Benchmark {
  /** As on the command line. */
  readonly name: string;
  readonly title: string;
  readonly run: (site: Site) => Promise<Findings>;
}

export interface Findings {
  /** Markdown below the section's title. */
  readonly text: string;
  readonly verdicts: readonly Verdict[];
}

/** What was promised, and what came of it. */
export interface Verdict {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}
