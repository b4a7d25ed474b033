import type { ByteSource } from "@bootstamp/byte-source";
import type { ByteRange, TableDescription } from "@bootstamp/layout";

const chunkLength = 1 << 20;
const block = 4096;
const zeros = Buffer.alloc(block);

/**
 * The runs of bytes that belong to no partition: behind the first one, and before the backup of a GPT. What is before
 * the first partition is the boot loaders' and comes along.
 */
export function gapsOf(table: TableDescription): readonly ByteRange[] {
  const ordered = table.partitions
    .filter((each) => !("placement" in each) || each.placement !== "logical")
    .toSorted((a, b) => a.offset - b.offset);
  const [first] = ordered;
  if (first === undefined) return [];
  const usableEnd =
    table.kind === "gpt" && table.usable !== undefined
      ? table.usable.offset + table.usable.length
      : table.diskLength;
  let end = first.offset;
  const gaps: ByteRange[] = [];
  for (const { offset, length } of ordered) {
    if (offset > end) gaps.push({ offset: end, length: offset - end });
    end = offset + length;
  }
  if (usableEnd > end) gaps.push({ offset: end, length: usableEnd - end });
  return gaps;
}

/** The first block in each gap that is not all zeros. Costs reading the gaps. */
export async function findStrayData(
  source: ByteSource,
  table: TableDescription,
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const found: number[] = [];
  for (const gap of gapsOf(table)) {
    const at = await firstData(source, gap, signal);
    if (at !== undefined) found.push(at);
  }
  return found;
}

async function firstData(
  source: ByteSource,
  gap: ByteRange,
  signal?: AbortSignal,
): Promise<number | undefined> {
  for (let done = 0; done < gap.length; done += chunkLength) {
    signal?.throwIfAborted();
    const bytes = await source.read(gap.offset + done, Math.min(chunkLength, gap.length - done));
    for (let at = 0; at < bytes.length; at += block) {
      const end = Math.min(at + block, bytes.length);
      if (zeros.compare(bytes, at, end, 0, end - at) !== 0) return gap.offset + done + at;
    }
  }
  return undefined;
}
