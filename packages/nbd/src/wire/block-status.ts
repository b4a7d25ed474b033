import type { NbdExtent } from "../nbd-export.ts";

/** One run of a BLOCK_STATUS reply: 4 bytes of length, 4 of flags. */
export interface StatusDescriptor {
  readonly length: number;
  readonly flags: number;
}

/** Bits of base:allocation (NBD protocol document, "Metadata contexts"). */
const hole = 1;
const zero = 2;

/** A reply of 64 KiB. Clients go on where a reply ends, so that it may stop anywhere. */
export const maxDescriptors = 8192;

/** One run of unknown content, which "a server MAY always safely report". */
const unknown = { hole: false, zero: false };

/**
 * Describes a range of `length` bytes by the runs that `extents` yields, joined where they are of one kind and cut off
 * at the end of the range, at most `limit` of them. Where it yields nothing the whole range is of unknown content.
 */
export async function describeStatus(
  extents: Iterable<NbdExtent> | AsyncIterable<NbdExtent>,
  length: number,
  limit: number,
): Promise<readonly StatusDescriptor[]> {
  const descriptors: StatusDescriptor[] = [];
  let left = length;
  for await (const extent of extents) {
    const runLength = Math.min(extent.length, left);
    if (runLength <= 0) continue;
    const flags = flagsOf(extent);
    const last = descriptors.at(-1);
    if (last?.flags === flags) descriptors.push({ length: joined(descriptors) + runLength, flags });
    else if (descriptors.length === limit) break;
    else descriptors.push({ length: runLength, flags });
    left -= runLength;
    if (left === 0) break;
  }
  return descriptors.length > 0 ? descriptors : [{ length, flags: flagsOf(unknown) }];
}

/** Takes the last run off, to be replaced by a longer one; its length. */
function joined(descriptors: StatusDescriptor[]): number {
  return descriptors.pop()?.length ?? 0;
}

function flagsOf(extent: Pick<NbdExtent, "hole" | "zero">): number {
  return (extent.hole ? hole : 0) | (extent.zero ? zero : 0);
}
