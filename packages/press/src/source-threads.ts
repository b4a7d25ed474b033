// How threads read a source: a file they open themselves; any other is read for them by the thread that has it.
import {
  FileSource,
  shareSource,
  type ByteSource,
  type FileFingerprint,
  type ThreadSourceHandle,
} from "@bootstamp/byte-source";
import { openThreadPool, type ThreadPool } from "@bootstamp/threads";

/** What a thread is told of the source that its tasks are about. */
export interface SourceSetup {
  /** The file as the other thread knows it; another under the same name is refused. Absent: each task brings a handle. */
  readonly file?: { readonly path: string; readonly fingerprint: FileFingerprint };
}

/** A task as it reaches a thread. */
export interface SourceTask<Task> {
  readonly task: Task;
  readonly shared?: ThreadSourceHandle;
}

/**
 * A pool of threads on a worker module, whose tasks are about `source`, which it gets by `sourceInThread`. `setup`
 * reaches every thread.
 */
export function openSourceThreads<Task, Result>(
  module: URL,
  source: ByteSource,
  setup: object,
  threads?: number,
): ThreadPool<Task, Result> {
  const pool = openThreadPool<SourceTask<Task>, Result>(module, { ...setup, ...setupOf(source) }, threads);
  const runShared = async (task: Task): Promise<Result> => {
    const { handle, stop } = shareSource(source);
    try {
      return await pool.run({ task, shared: handle }, [handle.port]);
    } finally {
      stop();
    }
  };
  return {
    ...pool,
    run: source instanceof FileSource ? async (task) => await pool.run({ task }) : runShared,
  };
}

function setupOf(source: ByteSource): SourceSetup {
  if (!(source instanceof FileSource)) return {};
  const { path, fingerprint } = source;
  return { file: { path, fingerprint } };
}
