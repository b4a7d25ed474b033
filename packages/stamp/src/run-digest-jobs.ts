import type { FileSource } from "@bootstamp/byte-source";
import type { ThreadPool } from "@bootstamp/threads";
import { newPulse, type DigestJob, type DigestTask } from "./digest-task.ts";

/** What is digested: a file that is open here and read again, by its name, in the threads. */
export interface DigestRequest {
  readonly file: FileSource;
  /** Gets, ten times a second and at the end, how many bytes are digested, those of every variant counted. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

export type DigestPool = ThreadPool<DigestTask, string[]>;

const progressIntervalMs = 100;

/**
 * Runs the jobs of one request and returns their answers in order. When one fails the others are given up.
 * @throws the signal's reason; the first failure.
 */
export async function runDigestJobs(
  pool: DigestPool,
  { file, onProgress, signal }: DigestRequest,
  jobs: readonly DigestJob[],
): Promise<string[][]> {
  signal?.throwIfAborted();
  const pulse = newPulse();
  const failures: unknown[] = [];
  const giveUp = (): void => void Atomics.store(pulse.stop, 0, 1);
  const report = (): void => onProgress?.(Number(Atomics.load(pulse.done, 0)));
  const progress = setInterval(report, progressIntervalMs);
  signal?.addEventListener("abort", giveUp, { once: true });
  const run = async (job: DigestJob): Promise<string[]> => {
    try {
      return await pool.run({ path: file.path, fingerprint: file.fingerprint, job, pulse });
    } catch (error) {
      failures.push(error);
      giveUp();
      return [];
    }
  };
  try {
    const answers = await Promise.all(jobs.map(run));
    signal?.throwIfAborted();
    if (failures.length > 0) throw failures[0];
    report();
    return answers;
  } finally {
    clearInterval(progress);
    signal?.removeEventListener("abort", giveUp);
  }
}
