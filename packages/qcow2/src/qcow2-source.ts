import { checkRange, RecentCache, type ByteSource } from "@bootstamp/byte-source";
import { ClusterMap } from "./cluster-map.ts";
import { readHeader, type Qcow2Header } from "./header.ts";
import { inflateCluster } from "./inflate-cluster.ts";
import type { ClusterRun } from "./l2-entry.ts";

/** A run of the disk's bytes. A hole takes no room in the file; bytes that are `zero` read as zeros. */
export interface Qcow2Extent {
  readonly offset: number;
  readonly length: number;
  readonly hole: boolean;
  readonly zero: boolean;
}

/** The disk inside a qcow2 image. */
export interface Qcow2Source extends ByteSource {
  readonly header: Qcow2Header;
  /**
   * Tells from the tables alone what `offset..offset + length` is: runs from `offset` on, without gaps, of which no
   * two neighbours are alike. Compressed clusters and those full of written zeros count as data.
   */
  extents(offset: number, length: number): AsyncGenerator<Qcow2Extent>;
}

type CompressedRun = Extract<ClusterRun, { kind: "compressed" }>;

/** Decompressed clusters that are kept, in bytes; eight of the largest. */
const keptLength: number = 16 << 20;
/** Runs of one read that are under way at the same time. */
const parallelRuns = 16;

/**
 * Opens the disk inside the qcow2 image `file`, of version 2 or 3, of any cluster length, deflated, with zstd or plain.
 *
 * What is not allocated reads as zeros, and internal snapshots are not looked at. Keeps up to 16 MiB of decompressed
 * clusters and 4 MiB of tables; each cluster is decompressed once for all who read it at the same time. The file must
 * stay open and as it is.
 * @throws Qcow2Error every code; from reads, `QCOW2_DAMAGED` and `QCOW2_CLUSTER_DAMAGED`.
 */
export async function openQcow2(file: ByteSource): Promise<Qcow2Source> {
  const header = await readHeader(file);
  const map = new ClusterMap(file, header);
  const fill = clusterReader(file, header);
  return {
    header,
    length: header.length,
    read: async (offset, length) => {
      checkRange(header.length, offset, length);
      const runs = map.runs(offset, offset + length);
      const { value: first } = await runs.next();
      // In one piece in the file, as most reads are: nothing to copy.
      if (first?.kind === "data" && first.offset + first.length >= offset + length)
        return await file.read(first.hostOffset + offset - first.offset, length);
      return await readRuns(first === undefined ? [] : [first], runs, fill, offset, length);
    },
    extents: (offset, length) => {
      checkRange(header.length, offset, length);
      return extents(map, offset, length);
    },
  };
}

/** Puts the part of a run that is inside `target`, which begins at `offset` of the disk, into it. */
type FillFromRun = (run: ClusterRun, offset: number, target: Uint8Array) => Promise<void>;

function clusterReader(file: ByteSource, header: Qcow2Header): FillFromRun {
  const clusters = new RecentCache<number, Uint8Array>(keptLength, (cluster) => cluster.length);
  const inflate = async (run: CompressedRun): Promise<Uint8Array> => {
    const packed = await file.read(run.hostOffset, run.packedLength);
    return await inflateCluster(header.compression, packed, header.clusterLength, run);
  };
  return async (run, offset, target) => {
    const part = overlap(run, offset, target.length);
    const within = part.offset - run.offset;
    if (run.kind === "data") {
      target.set(await file.read(run.hostOffset + within, part.length), part.offset - offset);
    } else if (run.kind === "compressed") {
      const cluster = await clusters.get(run.offset, async () => await inflate(run));
      target.set(cluster.subarray(within, within + part.length), part.offset - offset);
    }
  };
}

async function readRuns(
  firstRuns: readonly ClusterRun[],
  runs: AsyncIterable<ClusterRun>,
  fill: FillFromRun,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  let batch = [...firstRuns];
  const finish = async (): Promise<void> => {
    await Promise.all(batch.map(async (run) => await fill(run, offset, target)));
    batch = [];
  };
  for await (const run of runs) {
    if (run.kind === "data" || run.kind === "compressed") batch.push(run);
    if (batch.length === parallelRuns) await finish();
  }
  await finish();
  return target;
}

async function* extents(map: ClusterMap, offset: number, length: number): AsyncGenerator<Qcow2Extent> {
  let pending: Qcow2Extent | undefined;
  for await (const run of map.runs(offset, offset + length)) {
    const part = overlap(run, offset, length);
    const hole = run.kind === "unallocated";
    const zero = hole || run.kind === "zero";
    const isAlike = pending?.hole === hole && pending.zero === zero;
    if (pending !== undefined && !isAlike) yield pending;
    const from: number = isAlike ? (pending?.offset ?? 0) : part.offset;
    pending = { offset: from, length: part.offset + part.length - from, hole, zero };
  }
  if (pending !== undefined) yield pending;
}

/** The part of a run that is inside `offset..offset + length`. */
function overlap(run: ClusterRun, offset: number, length: number): { offset: number; length: number } {
  const from = Math.max(run.offset, offset);
  const to = Math.min(run.offset + run.length, offset + length);
  return { offset: from, length: to - from };
}
