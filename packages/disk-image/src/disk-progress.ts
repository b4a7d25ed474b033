/** How far the writing of an image is. */
export interface DiskProgress {
  /** What is under way, for people: "partition 3". */
  readonly what: string;
  /** Bytes of contents, of all partitions together. */
  readonly done: number;
  readonly total: number;
}

/** What a long job looks at while it runs. */
export interface DiskJob {
  readonly onProgress?: (progress: DiskProgress) => void;
  /** Ends the job at the next piece, with the signal's reason; nothing is left behind. */
  readonly signal?: AbortSignal;
}

/** Counts for one job. */
export interface Meter {
  /** Says that `bytes` more are done. Throws the signal's reason once it is aborted. */
  advance(what: string, bytes: number): void;
  readonly signal: AbortSignal | undefined;
}

export function startMeter(job: DiskJob, total: number): Meter {
  let done = 0;
  return {
    signal: job.signal,
    advance: (what, bytes) => {
      job.signal?.throwIfAborted();
      // Estimates of a file system's length may be exceeded.
      done = Math.min(done + bytes, total);
      job.onProgress?.({ what, done, total });
    },
  };
}
