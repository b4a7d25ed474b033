export { mapInOrder } from "./map-in-order.ts";
export { openThreadPool, worker, type Answer, type ThreadPool, type Work } from "./thread-pool.ts";
