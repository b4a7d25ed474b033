import { availableParallelism } from "node:os";

const mebibyte = 2 ** 20;
/** What a command may take in all, whatever the image: 400 MiB, less some room for what is not foreseen. */
const budget: number = 380 * mebibyte;
/** The program itself, with the map of a large image. */
const programLength: number = 90 * mebibyte;
/** A thread before it has anything to do. */
const threadLength: number = 24 * mebibyte;

/**
 * How many threads there may be, one at least, if each of them takes `memory` bytes at most: as many as there are cores,
 * or as were asked for, where all of them keep within the memory that a command may take.
 */
export function threadsWithinBudget(memory: number, asked: number = availableParallelism()): number {
  const affordable = Math.floor((budget - programLength) / (threadLength + memory));
  return Math.max(1, Math.min(asked, affordable));
}
