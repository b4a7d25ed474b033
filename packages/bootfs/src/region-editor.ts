import { availableParallelism } from "node:os";
import { FileSource, shareSource, type ByteSource } from "@bootstamp/byte-source";
import { BootfsError } from "./bootfs-error.ts";
import type { EditOutcome, RegionEdits } from "./edit-region.ts";
import type { ThreadRequest } from "./edit-request.ts";
import { startEditThread, type EditThread } from "./edit-thread.ts";
import { checkedRegion } from "./region.ts";

export interface EditRequest extends RegionEdits {
  /** The image. A FileSource is read by the thread itself, any other through this thread. */
  readonly source: ByteSource;
}

export interface EditorOptions {
  /** How many edits run at the same time; default: one a core that this process may use. */
  readonly threads?: number;
  /** After so long an edit is given up: a damaged file system can send its writer round in circles. Default 600. */
  readonly timeoutSeconds?: number;
}

/** Edits file systems in threads. A thread is used again until something goes wrong in it, then thrown away. */
export interface RegionEditor {
  /**
   * Applies edits, in order, to the file system in a region, and returns what changes by them; the source stays as it
   * is. The same request gives the same bytes, at any time and in any time zone. Requests beyond the number of threads
   * wait in line.
   * @throws BootfsError, BootConfigError or SourceError by code; `edit` in the fields is the index of the edit to
   *   blame. Nothing is changed then.
   */
  edit(request: EditRequest): Promise<EditOutcome>;
  /** Ends the threads. Edits under way and in line fail with `BOOTFS_CLOSED`. */
  close(): Promise<void>;
}

/** Starts no thread until one is needed. Without {@link RegionEditor.close} idle threads do not keep a process alive. */
export function openEditor(options: EditorOptions = {}): RegionEditor {
  const { threads = availableParallelism(), timeoutSeconds = 600 } = options;
  const pool = openPool(Math.max(threads, 1));
  return {
    edit: async ({ source, region, sectorLength, edits, clock }) => {
      checkedRegion(region, source.length);
      const { image, release } = handOver(source);
      try {
        return await pool.use((thread) =>
          thread.run({ image, region, sectorLength, edits, clock }, timeoutSeconds),
        );
      } finally {
        release();
      }
    },
    close: () => pool.close(),
  };
}

function handOver(source: ByteSource): { image: ThreadRequest["image"]; release: () => void } {
  if (source instanceof FileSource) {
    const { path, fingerprint } = source;
    return { image: { path, fingerprint }, release: () => undefined };
  }
  const { handle, stop } = shareSource(source);
  return { image: { shared: handle }, release: stop };
}

interface Pool {
  use<Result>(work: (thread: EditThread) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

function openPool(limit: number): Pool {
  const idle: EditThread[] = [];
  const busy = new Set<EditThread>();
  const waiting: (() => void)[] = [];
  let closed = false;
  let taken = 0;
  const refuseClosed = (): void => {
    if (closed) throw new BootfsError("BOOTFS_CLOSED", "the editor of file systems has been closed");
  };
  const takeTurn = async (): Promise<void> => {
    if (taken >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else taken++;
  };
  // A turn goes straight to the next in line, so that nobody can slip in between.
  const endTurn = (): void => {
    const next = waiting.shift();
    if (next === undefined) taken--;
    else next();
  };
  const withThread = async <Result>(work: (thread: EditThread) => Promise<Result>): Promise<Result> => {
    const thread = idle.pop() ?? startEditThread();
    busy.add(thread);
    try {
      const result = await work(thread);
      idle.push(thread);
      return result;
    } catch (error) {
      await thread.end();
      refuseClosed();
      throw error;
    } finally {
      busy.delete(thread);
    }
  };
  return {
    use: async (work) => {
      refuseClosed();
      await takeTurn();
      try {
        refuseClosed();
        return await withThread(work);
      } finally {
        endTurn();
      }
    },
    close: async () => {
      closed = true;
      await Promise.all([...busy, ...idle.splice(0)].map((thread) => thread.end()));
    },
  };
}
