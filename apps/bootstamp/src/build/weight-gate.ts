/** Lets work begin when what is under way weighs little enough. */
export type WeightGate = <Result>(weight: number, work: () => Promise<Result>) => Promise<Result>;

/**
 * Makes a gate that holds the sum of the weights under way at `limit` or below; what is heavier alone is let in alone.
 * Who waits is let in in the order of coming, so that nothing heavy waits for ever.
 */
export function weightGate(limit: number): WeightGate {
  const waiting: { readonly weight: number; readonly enter: () => void }[] = [];
  let entered = 0;
  let weightUnderWay = 0;
  const letIn = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (entered > 0 && weightUnderWay + next.weight > limit) return;
      entered++;
      weightUnderWay += next.weight;
      waiting.shift();
      next.enter();
    }
  };
  return async (weight, work) => {
    const { promise, resolve: enter } = Promise.withResolvers<void>();
    waiting.push({ weight, enter });
    letIn();
    await promise;
    try {
      return await work();
    } finally {
      entered--;
      weightUnderWay -= weight;
      letIn();
    }
  };
}
