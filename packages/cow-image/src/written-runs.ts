/** A run of raw bytes of which all blocks were written, or none. */
export interface WrittenRun {
  readonly offset: number;
  readonly length: number;
  readonly written: boolean;
}

/** A range as runs that were written, and others, in order. @param blocks those that were written, in ascending order. */
export function* writtenRuns(
  blocks: readonly number[],
  blockLength: number,
  { offset, length }: Pick<WrittenRun, "offset" | "length">,
): Generator<WrittenRun> {
  const end = offset + length;
  let index = firstAtLeast(blocks, Math.floor(offset / blockLength));
  for (let at = offset; at < end;) {
    let block = blocks[index] ?? Infinity;
    const written = block * blockLength <= at;
    if (written) for (index++; blocks[index] === block + 1; index++) block++;
    const stop = Math.min(written ? (block + 1) * blockLength : block * blockLength, end);
    yield { offset: at, length: stop - at, written };
    at = stop;
  }
}

function firstAtLeast(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}
