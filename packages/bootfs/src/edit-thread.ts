import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { unpackFault, type Fault } from "@bootstamp/fault";
import { BootfsError, bootfsErrorCodes, type BootfsErrorCode } from "./bootfs-error.ts";
import type { EditOutcome } from "./edit-region.ts";
import type { ThreadAnswer, ThreadRequest } from "./edit-request.ts";

/** A thread that edits; one request at a time. */
export interface EditThread {
  /** @throws Fault; the thread is to be ended then. */
  run(request: ThreadRequest, timeoutSeconds: number): Promise<EditOutcome>;
  end(): Promise<void>;
}

export function startEditThread(): EditThread {
  // From source the file is .ts, built it is .js: as this one.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  // What libext2fs prints says nothing that its results do not.
  const worker = new Worker(new URL(`edit-worker.${extension}`, import.meta.url), {
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  // Without a listener an error of the thread would end the process; run() sees it, too.
  worker.on("error", () => undefined);
  worker.unref();
  return {
    run: async (request, timeoutSeconds) => {
      worker.ref();
      try {
        const answer = answerOf(worker, timeoutSeconds);
        worker.postMessage(request, "shared" in request.image ? [request.image.shared.port] : []);
        return outcomeOf(await answer);
      } finally {
        worker.unref();
      }
    },
    end: async () => {
      await worker.terminate();
    },
  };
}

async function answerOf(worker: Worker, timeoutSeconds: number): Promise<ThreadAnswer> {
  const settled = new AbortController();
  const { signal } = settled;
  const message = once(worker, "message", { signal }).then(([answer]: ThreadAnswer[]) => answer);
  const exit = once(worker, "exit", { signal }).then(() => {
    throw new BootfsError(
      "BOOTFS_WRITER_FAILED",
      "the thread that edits file systems ended by itself; nothing was changed",
    );
  });
  const timer = setTimeout(() => worker.emit("late"), timeoutSeconds * 1000);
  const late = once(worker, "late", { signal }).then(() => {
    throw new BootfsError(
      "BOOTFS_TIMEOUT",
      `the edit took longer than ${timeoutSeconds} seconds: the file system may be damaged, check it with e2fsck -f or fsck.vfat`,
      { timeoutSeconds },
    );
  });
  try {
    const answer = await Promise.race([message, exit, late]);
    if (answer === undefined) throw new Error("internal error: no answer from the thread");
    return answer;
  } finally {
    clearTimeout(timer);
    settled.abort();
    await Promise.allSettled([message, exit, late]);
  }
}

function outcomeOf(answer: ThreadAnswer): EditOutcome {
  if ("outcome" in answer) return answer.outcome;
  const fault = unpackFault(answer.fault);
  if (!isOurs(fault.code)) throw fault;
  throw ownFault(fault, fault.code);
}

/** An error loses its class on the way from another thread. */
function ownFault(fault: Fault, code: BootfsErrorCode): BootfsError {
  const own = new BootfsError(code, fault.message, fault.fields);
  if (fault.stack !== undefined) own.stack = fault.stack;
  return own;
}

function isOurs(code: string): code is BootfsErrorCode {
  return bootfsErrorCodes.some((ours) => ours === code);
}
