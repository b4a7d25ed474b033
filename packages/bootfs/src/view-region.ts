import { Worker } from "node:worker_threads";
import { shareSource, type ByteSource } from "@bootstamp/byte-source";
import { unpackFault } from "@bootstamp/fault";
import { BootfsError } from "./bootfs-error.ts";
import type { DirectoryEntry, FileExtent, FileStat, FileSystemIdentity } from "./file-system.ts";
import type { FileSystemView } from "./file-system-view.ts";
import { checkedRegion, type Region } from "./region.ts";
import type { ViewAnswer, ViewMethod, ViewQuestion, ViewSetup } from "./view-worker.ts";

/** {@link FileSystemView} of an image whose bytes have to be waited for. Questions are answered one after the other. */
export interface RegionView {
  readonly identity: FileSystemIdentity;
  freeBytes(): Promise<number>;
  stat(path: string): Promise<ReturnType<FileSystemView["stat"]>>;
  readLink(path: string): Promise<string>;
  list(path: string): Promise<DirectoryEntry[]>;
  extents(path: string): Promise<FileExtent[]>;
  /** The bytes of a file, of any length, in parts of 1 MiB at most. */
  content(path: string): AsyncGenerator<Uint8Array>;
  /** Ends the thread. */
  close(): Promise<void>;
}

const partLength = 1 << 20;

/**
 * Opens the file system in a region of any source to read it, in a thread of its own. The caller closes the view.
 * @throws as `openFileSystem`; each question throws what the view's method throws.
 */
export async function viewRegion(source: ByteSource, region: Region): Promise<RegionView> {
  checkedRegion(region, source.length);
  const { handle, stop } = shareSource(source);
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`view-worker.${extension}`, import.meta.url), {
    workerData: { image: handle, region } satisfies ViewSetup,
    transferList: [handle.port],
  });
  const ask = asker(worker);
  const close = async (): Promise<void> => {
    await worker.terminate();
    stop();
  };
  try {
    const identity = await ask<FileSystemIdentity>("identity");
    return { identity, ...questions(ask), content: contentOf(ask, source, region), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Ask = <Value>(method: ViewMethod, path?: string) => Promise<Value>;

function asker(worker: Worker): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return async <Value>(method: ViewMethod, path = "/"): Promise<Value> => {
    const turn = last.then(async () => await exchange(worker, { method, path }));
    last = turn.catch(() => undefined);
    const answer = await turn;
    if ("fault" in answer) throw unpackFault(answer.fault);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the worker asks the view's own method
    return answer.value as Value;
  };
}

async function exchange(worker: Worker, question: ViewQuestion): Promise<ViewAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ViewAnswer>();
  const fail = (reason: unknown): void => {
    const what = reason instanceof Error ? reason.message : `it ended with status ${String(reason)}`;
    reject(new BootfsError("BOOTFS_WRITER_FAILED", `the thread that reads file systems failed: ${what}`));
  };
  worker.once("message", resolve).once("error", fail).once("exit", fail);
  try {
    worker.postMessage(question, []);
    return await promise;
  } finally {
    worker.off("message", resolve).off("error", fail).off("exit", fail);
  }
}

function questions(ask: Ask): Omit<RegionView, "identity" | "content" | "close"> {
  return {
    freeBytes: async () => await ask<number>("freeBytes"),
    stat: async (path) => await ask<FileStat & { readonly path: string }>("stat", path),
    readLink: async (path) => await ask<string>("readLink", path),
    list: async (path) => await ask<DirectoryEntry[]>("list", path),
    extents: async (path) => await ask<FileExtent[]>("extents", path),
  };
}

function contentOf(ask: Ask, source: ByteSource, region: Region): RegionView["content"] {
  return async function* content(path) {
    for (const { offset, length } of await ask<FileExtent[]>("extents", path)) {
      for (let done = 0; done < length; done += partLength) {
        const count = Math.min(partLength, length - done);
        if (offset === undefined) yield new Uint8Array(count);
        else yield await source.read(region.offset + offset + done, count);
      }
    }
  };
}
