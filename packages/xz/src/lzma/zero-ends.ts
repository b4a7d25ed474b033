/** Shorter runs of zeros are left to the engine: it needs no more bytes for them than chunks of their own would take. */
const shortestRun = 1 << 16;
const step = 4096;
const zeros = Buffer.alloc(step);

/** The range of `raw` between the runs of zeros at its two ends, which are left in if they are short. */
export interface Middle {
  readonly start: number;
  readonly end: number;
}

/** Finds the zeros at the ends, in steps of 4 KiB. `start` is the length of `raw` if there is nothing else. */
export function findMiddle(raw: Uint8Array): Middle {
  let start = 0;
  while (start < raw.length && isZeros(raw, start, Math.min(start + step, raw.length))) {
    start = Math.min(start + step, raw.length);
  }
  if (start === raw.length) return { start, end: start };
  let end = raw.length;
  while (isZeros(raw, Math.max(end - step, 0), end)) end -= step;
  return {
    start: start < shortestRun ? 0 : start,
    end: raw.length - end < shortestRun ? raw.length : end,
  };
}

function isZeros(raw: Uint8Array, from: number, to: number): boolean {
  return zeros.compare(raw, from, to, 0, to - from) === 0;
}
