import { open } from "node:fs/promises";

interface Range {
  readonly offset: number;
  readonly length: number;
}

const windowLength = 1 << 20;

/** The 4 KiB blocks, by offset, in which two files of the same length differ. */
export async function differentBlocks(a: string, b: string): Promise<number[]> {
  await using first = await open(a);
  await using second = await open(b);
  const { size } = await first.stat();
  if ((await second.stat()).size !== size) throw new Error(`${a} and ${b} are not of the same length`);
  const windows = [Buffer.alloc(windowLength), Buffer.alloc(windowLength)] as const;
  const blocks: number[] = [];
  for (let at = 0; at < size; at += windowLength) {
    const { bytesRead } = await first.read(windows[0], 0, windowLength, at);
    await second.read(windows[1], 0, windowLength, at);
    if (windows[0].equals(windows[1])) continue;
    for (let block = 0; block < bytesRead; block += 4096) {
      const end = Math.min(block + 4096, bytesRead);
      if (!windows[0].subarray(block, end).equals(windows[1].subarray(block, end))) blocks.push(at + block);
    }
  }
  return blocks;
}

/** The offsets of the 4 KiB blocks of ranges. */
export function blocksOf(ranges: readonly Range[]): number[] {
  return ranges.flatMap(({ offset, length }) =>
    Array.from({ length: Math.ceil(length / 4096) }, (_, index) => offset + index * 4096),
  );
}
