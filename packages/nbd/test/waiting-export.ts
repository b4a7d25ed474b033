import { type MemoryExport, memoryExport } from "./memory-export.ts";

/** An export whose reads wait until they are let go, or their client is gone. */
export function waitingExport(
  length: number,
): MemoryExport & { letGo: () => void; waiting: () => number; aborted: () => number } {
  const exported = memoryExport(length);
  const waiting = new Set<() => void>();
  let open = false;
  let aborted = 0;
  return {
    ...exported,
    waiting: () => waiting.size,
    aborted: () => aborted,
    letGo: () => {
      open = true;
      waiting.forEach((resolve) => resolve());
    },
    read: async (offset, count, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.add(resolve);
      signal.addEventListener("abort", () => {
        aborted++;
        reject(new Error("aborted"));
      });
      if (open) resolve();
      await promise.finally(() => waiting.delete(resolve));
      return exported.bytes.subarray(offset, offset + count);
    },
  };
}
