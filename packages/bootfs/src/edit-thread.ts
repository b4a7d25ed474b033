import { Worker } from "node:worker_threads";
import { Fault, unpackFault } from "@bootstamp/fault";
import { keepWasmWrappers } from "@bootstamp/threads";
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
  keepWasmWrappers();
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
        worker.postMessage(request, "shared" in request.image ? [request.image.shared.port] : []);
        return outcomeOf(await answerOf(worker, timeoutSeconds));
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
  const { promise, resolve, reject } = Promise.withResolvers<ThreadAnswer>();
  const fail = (reason: unknown): void => {
    const what = reason instanceof Error ? reason.message : `it ended with status ${String(reason)}`;
    reject(
      new BootfsError(
        "BOOTFS_WRITER_FAILED",
        `the thread that edits file systems failed: ${what}; nothing was changed`,
      ),
    );
  };
  const late = setTimeout(() => reject(timeout(timeoutSeconds)), timeoutSeconds * 1000);
  worker.once("message", resolve).once("error", fail).once("exit", fail);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    worker.off("message", resolve).off("error", fail).off("exit", fail);
  }
}

function timeout(seconds: number): BootfsError {
  return new BootfsError(
    "BOOTFS_TIMEOUT",
    `the edit took longer than ${seconds} seconds: the file system may be damaged, check it with e2fsck -f or fsck.vfat`,
    { timeoutSeconds: seconds },
  );
}

function outcomeOf(answer: ThreadAnswer): EditOutcome {
  if ("outcome" in answer) return answer.outcome;
  const fault = unpackFault(answer.fault);
  if (!(fault instanceof Fault) || !isOurs(fault.code)) throw fault;
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
