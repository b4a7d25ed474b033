import { open, type FileHandle } from "node:fs/promises";

/** Bytes `offset` to `offset + length` of a file. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

const step = 1 << 20;
const zeros = Buffer.alloc(step);

/**
 * Copies a range of one file to the start of a new file of exactly that length, leaving holes for zeros.
 * @throws Error where the file ends before the range does.
 */
export async function copyRange(from: string, range: ByteRange, to: string): Promise<void> {
  await using source = await open(from, "r");
  await using target = await open(to, "w");
  await target.truncate(range.length);
  const buffer = Buffer.alloc(step);
  for (let done = 0; done < range.length; done += step) {
    const part = buffer.subarray(0, Math.min(step, range.length - done));
    // One after the other: the buffer is reused, and memory stays flat for a partition of any size.
    // oxlint-disable-next-line no-await-in-loop
    await copyPart(source, range.offset + done, part, target, done);
  }
}

async function copyPart(
  source: FileHandle,
  from: number,
  part: Buffer,
  target: FileHandle,
  to: number,
): Promise<void> {
  const { bytesRead } = await source.read(part, 0, part.length, from);
  if (bytesRead < part.length) throw new Error(`the file ends at ${from + bytesRead}, inside the range`);
  if (!part.equals(zeros.subarray(0, part.length))) await target.write(part, 0, part.length, to);
}
