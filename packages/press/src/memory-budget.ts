import { availableParallelism } from "node:os";

const mebibyte = 2 ** 20;
/** What a command may take in all, whatever the image. */
const budget: number = 400 * mebibyte;
/** The program itself, as it was measured before it has anything to do, with room for what it holds beside its threads. */
const programLength: number = 90 * mebibyte;
/** A thread without what it works with. */
const threadLength: number = 20 * mebibyte;

/** What threads work with, in bytes at most. */
export interface Workload {
  readonly each: number;
  /** Held once, however many threads there are: what is done and waits for its turn. */
  readonly waiting: number;
}

/**
 * How many threads there may be, one at least: as many as there are cores, or as were asked for, where all of them keep
 * within the memory that a command may take.
 */
export function threadsWithinBudget(
  { each, waiting }: Workload,
  asked: number = availableParallelism(),
): number {
  const affordable = Math.floor((budget - programLength - waiting) / (threadLength + each));
  return Math.max(1, Math.min(asked, affordable));
}
