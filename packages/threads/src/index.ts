export { Halt, throwIfHalted, type HaltFlag } from "./halt.ts";
export { mapInOrder } from "./map-in-order.ts";
export {
  keepWasmWrappers,
  openThreadPool,
  worker,
  type Answer,
  type ThreadPool,
  type Work,
} from "./thread-pool.ts";
export { weightGate, type WeightGate } from "./weight-gate.ts";
