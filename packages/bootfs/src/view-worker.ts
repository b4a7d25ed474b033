// Thread of viewRegion: answers questions about one file system, whose readers cannot wait for their bytes.
import { parentPort, workerData } from "node:worker_threads";
import { threadSource, type ThreadSourceHandle } from "@bootstamp/byte-source";
import { packFault, type PortableFault } from "@bootstamp/fault";
import { openFileSystem, type FileSystemView } from "./file-system-view.ts";
import type { Region } from "./region.ts";

export interface ViewSetup {
  readonly image: ThreadSourceHandle;
  readonly region: Region;
}

/** What can be asked: every method of the view that gives what can be sent. */
export type ViewMethod = "identity" | "freeBytes" | "stat" | "readLink" | "list" | "extents";

export interface ViewQuestion {
  readonly method: ViewMethod;
  readonly path: string;
}

export type ViewAnswer = { readonly value: unknown } | { readonly fault: PortableFault };

const setup: ViewSetup = workerData;
const opening = openFileSystem(threadSource(setup.image), setup.region);
// A failure is answered to the first question; until then it must not count as unhandled.
opening.catch(() => undefined);

parentPort?.on("message", (question: ViewQuestion) => {
  void answer(question);
});

async function answer({ method, path }: ViewQuestion): Promise<void> {
  let message: ViewAnswer;
  try {
    message = { value: ask(await opening, method, path) };
  } catch (error) {
    message = { fault: packFault(error) };
  }
  parentPort?.postMessage(message, []);
}

function ask(view: FileSystemView, method: ViewMethod, path: string): unknown {
  if (method === "identity") return view.identity;
  if (method === "freeBytes") return view.freeBytes();
  return view[method](path);
}
