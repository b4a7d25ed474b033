import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import type { Transferable } from "node:worker_threads";
import { packFault, unpackFault, type PortableFault } from "@bootstamp/fault";
import { move, Piscina, transferableSymbol, valueSymbol, workerData } from "piscina";

/** Threads that all run one worker module; each keeps its state from task to task. */
export interface ThreadPool<Task, Result> {
  readonly threads: number;
  /**
   * Runs one task; tasks wait in line. What is `moved` goes over without being copied, and is gone here.
   * @throws what the worker threw: a Fault with its code and fields, an error of the system as one.
   */
  run(task: Task, moved?: readonly Transferable[]): Promise<Result>;
  /** Ends the threads. Tasks that are still waiting, and later ones, are refused. */
  close(): Promise<void>;
}

/** What a worker answers: an error loses its own fields when it is thrown across threads, so a fault goes as data. */
export type Answer<Result> = { readonly result: Result } | { readonly fault: PortableFault };

/**
 * A pool of threads on a worker module, whose default export is what {@link worker} makes. They start with the first
 * task: a pool that turns out not to be needed costs nothing.
 * @param module URL of the module.
 * @param setup reaches every thread as the argument of {@link worker}'s `begin`; must survive a structured clone.
 * @param threads default: one a core that this process may use.
 */
export function openThreadPool<Task, Result>(
  module: URL,
  setup: unknown,
  threads: number = availableParallelism(),
): ThreadPool<Task, Result> {
  let pool: Piscina<Task, Answer<Result>> | undefined;
  let closed = false;
  const start = (): Piscina<Task, Answer<Result>> => {
    keepWasmWrappers();
    return new Piscina({
      filename: module.href,
      workerData: setup,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
    });
  };
  return {
    threads,
    run: async (task, moved = []) => {
      if (closed) throw new Error("internal error: a task for threads that have been ended");
      const answer = await (pool ??= start()).run(task, { transferList: [...moved] });
      if ("fault" in answer) throw unpackFault(answer.fault);
      return answer.result;
    },
    close: async () => {
      closed = true;
      await pool?.destroy();
    },
  };
}

/**
 * To be called before a thread is started that runs WebAssembly; {@link openThreadPool} does.
 *
 * Node 24 (V8 13.6) now and then aborts the process where threads with WebAssembly begin and end: "Check failed:
 * jit_page.has_value()", as it frees the wrapper of an import that it has compiled anew for being called often. So none
 * is compiled anew, which costs some nanoseconds a call. https://github.com/nodejs/node/issues/64500
 */
export function keepWasmWrappers(): void {
  setFlagsFromString("--wasm-wrapper-tiering-budget=1000000000");
}

/**
 * Makes a worker module's default export. `begin` is called once a thread with the pool's setup, and returns the
 * function that does a task; what either throws reaches whoever runs a task.
 * @param givenAway the buffers of a result that go over without being copied, and are gone here; default: none.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what the other thread sends has no type here
export function worker<Setup, Task, Result>(
  begin: (setup: Setup) => Work<Task, Result> | Promise<Work<Task, Result>>,
  givenAway: (result: Result) => readonly ArrayBufferLike[] = () => [],
): (task: Task) => Promise<Answer<Result>> {
  const beginning = Promise.try(begin, workerData);
  // A failure is answered to the first task; until then it must not count as unhandled.
  beginning.catch(() => undefined);
  return async (task) => {
    try {
      const work = await beginning;
      const result = await work(task);
      return handOver({ result }, givenAway(result));
    } catch (error) {
      return { fault: packFault(error) };
    }
  };
}

function handOver<Result>(answer: Answer<Result>, buffers: readonly ArrayBufferLike[]): Answer<Result> {
  if (buffers.length === 0) return answer;
  const moved: unknown = move({ [transferableSymbol]: buffers, [valueSymbol]: answer });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the pool takes the answer out of it again
  return moved as Answer<Result>;
}

/** Does one task. */
export type Work<Task, Result> = (task: Task) => Result | Promise<Result>;
