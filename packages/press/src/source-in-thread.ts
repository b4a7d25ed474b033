// The thread's side of source-threads.ts.
import {
  FileSource,
  threadSource,
  type ByteSource,
  type SyncByteSource,
  type ThreadSourceHandle,
} from "@bootstamp/byte-source";
import type { SourceSetup } from "./source-threads.ts";

/** Called once a thread; what it returns gives the source for a task. @throws SourceError `SOURCE_CHANGED`. */
export function sourceInThread({
  file,
}: SourceSetup): (shared?: ThreadSourceHandle) => ByteSource & SyncByteSource {
  const opened = file === undefined ? undefined : FileSource.reopen(file.path, file.fingerprint);
  return (shared) => {
    if (shared !== undefined) return awaitable(threadSource(shared));
    if (opened === undefined) throw new Error("internal error: a task without a source");
    return opened;
  };
}

/** The thread has nothing else to do while it waits. */
function awaitable(source: SyncByteSource): ByteSource & SyncByteSource {
  return {
    length: source.length,
    readSync: (offset, target) => source.readSync(offset, target),
    read: async (offset, count) => {
      const target = new Uint8Array(count);
      source.readSync(offset, target);
      return target;
    },
  };
}
