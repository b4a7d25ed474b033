/**
 * Runs work when what is under way weighs little enough. An aborted signal makes work that has not begun give up its
 * place, and is thrown.
 */
export type WeightGate = <Result>(
  weight: number,
  work: () => Promise<Result>,
  signal?: AbortSignal,
) => Promise<Result>;

interface Waiting {
  readonly weight: number;
  readonly enter: () => void;
}

/**
 * Makes a gate that holds the sum of the weights under way at `limit` or below; what is heavier alone is let in alone.
 * Who waits is let in in the order of coming, so that nothing heavy waits for ever.
 */
export function weightGate(limit: number): WeightGate {
  const line: Waiting[] = [];
  let entered = 0;
  let weightUnderWay = 0;
  const letIn = (): void => {
    for (let next = line[0]; next !== undefined; next = line[0]) {
      if (entered > 0 && weightUnderWay + next.weight > limit) return;
      entered++;
      weightUnderWay += next.weight;
      line.shift();
      next.enter();
    }
  };
  const enter = async (weight: number, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { weight, enter: resolve };
    const leave = (): void => {
      const index = line.indexOf(waiting);
      if (index < 0) return;
      line.splice(index, 1);
      reject(signal?.reason);
      letIn();
    };
    line.push(waiting);
    letIn();
    signal?.addEventListener("abort", leave, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  };
  return async (weight, work, signal) => {
    await enter(weight, signal);
    try {
      return await work();
    } finally {
      entered--;
      weightUnderWay -= weight;
      letIn();
    }
  };
}
