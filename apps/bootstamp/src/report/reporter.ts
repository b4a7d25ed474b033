/** One thing that happened, for programs. `event` names it; the other fields depend on it. */
export type ReportEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/** How far a long task is. */
export interface ProgressReport {
  readonly task: string;
  /** A part of `total`; need not be whole. */
  readonly done: number;
  readonly total: number;
  /** What is counted, in the plural; default: bytes. */
  readonly unit?: string;
}

/**
 * Where commands say what they do. A command gives everything twice, as an event for programs and as lines for
 * people, and the reporter keeps the one it is for.
 */
export interface Reporter {
  /** A result or step: `event` for programs, `lines` for people. */
  tell(event: ReportEvent, lines: readonly string[]): void;
  /** Something that did not stop the work but should be known. */
  warn(message: string): void;
  progress(report: ProgressReport): void;
  /** Ends the progress line, if there is one. */
  settle(): void;
  /** What drawings may use. */
  readonly columns: number;
  readonly unicode: boolean;
}
