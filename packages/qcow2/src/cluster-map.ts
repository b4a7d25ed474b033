// Where the bytes of the disk are in the file. QEMU's docs/interop/qcow2, "Cluster mapping".
//
//   L1 table, one in the file         entry -> L2 table, one cluster; 0: nothing there is allocated
//   L2 table, 8 or 16 bytes an entry  entry -> cluster: l2-entry.ts
//
// Tables are read by need, in slices: an L2 table has up to 2 MiB, and a reader at random wants one entry of it.
import { RecentCache, type ByteSource } from "@bootstamp/byte-source";
import type { Qcow2Header } from "./header.ts";
import { clusterRuns, type ClusterRun, type ImageShape } from "./l2-entry.ts";
import { narrow } from "./narrow.ts";
import { damaged } from "./qcow2-error.ts";

const maxSliceLength: number = 64 << 10;
const keptLength: number = 4 << 20;
// L1 entries are as L2 entries, but for bits 62 and 0, which are reserved in them.
const l1OffsetMask = 0x00ff_ffff_ffff_fe00n;
const l1ReservedMask = 0x7f00_0000_0000_01ffn;

/** Finds runs of bytes. Keeps up to 4 MiB of tables. */
export class ClusterMap {
  readonly #shape: ImageShape;
  readonly #file: ByteSource;
  readonly #sliceLength: number;
  readonly #slices = new RecentCache<number, DataView>(keptLength, (slice) => slice.byteLength);

  constructor(file: ByteSource, header: Qcow2Header) {
    this.#file = file;
    this.#shape = { header, fileLength: file.length };
    // A divisor of the cluster's length, so that slices of different tables do not overlap.
    this.#sliceLength = Math.min(maxSliceLength, header.clusterLength);
  }

  /**
   * The runs that hold `offset..end`, neighbours joined; the first and the last may reach beyond.
   * @throws Qcow2Error `QCOW2_DAMAGED`.
   */
  async *runs(offset: number, end: number): AsyncGenerator<ClusterRun> {
    if (offset >= end) return;
    let pending: ClusterRun | undefined;
    for await (const batch of this.#batches(offset, end)) {
      for (const run of batch) {
        // Of a cluster's runs, which its subclusters are, some may be before or behind.
        if (run.offset + run.length <= offset || run.offset >= end) continue;
        const joined = pending === undefined ? run : join(pending, run);
        if (joined === undefined && pending !== undefined) yield pending;
        pending = joined ?? run;
      }
    }
    if (pending !== undefined) yield pending;
  }

  /** {@link ClusterMap.runs} slice by slice, not joined. */
  async *#batches(offset: number, end: number): AsyncGenerator<ClusterRun[]> {
    const { header } = this.#shape;
    const perTable = header.clusterLength / this.#entryLength;
    const coverage = perTable * header.clusterLength;
    for (let index = Math.floor(offset / coverage); index * coverage < end; index++) {
      const from = Math.max(index * coverage, offset);
      const to = Math.min((index + 1) * coverage, end);
      const table = await this.#l2Offset(index);
      if (table === 0) yield [{ kind: "unallocated", offset: from, length: to - from }];
      else yield* this.#tableBatches(table, index * perTable, from, to);
    }
  }

  /** Of the L2 table at `table`, whose first entry is that of cluster `first`, what `from..to` needs. */
  async *#tableBatches(table: number, first: number, from: number, to: number): AsyncGenerator<ClusterRun[]> {
    const { clusterLength } = this.#shape.header;
    const perSlice = this.#sliceLength / this.#entryLength;
    const last = Math.ceil(to / clusterLength);
    for (let cluster = Math.floor(from / clusterLength); cluster < last;) {
      const within = cluster - first;
      const slice = await this.#slice(table + Math.floor(within / perSlice) * this.#sliceLength);
      const stop = Math.min(last, cluster + perSlice - (within % perSlice));
      const batch: ClusterRun[] = [];
      for (; cluster < stop; cluster++) {
        const place = table + (cluster - first) * this.#entryLength;
        batch.push(...this.#runsOf(slice, place, cluster * clusterLength));
      }
      yield batch;
    }
  }

  #runsOf(slice: DataView, place: number, offset: number): ClusterRun[] {
    const at = place % this.#sliceLength;
    const bitmap = this.#shape.header.hasSubclusters ? slice.getBigUint64(at + 8) : undefined;
    return clusterRuns(this.#shape, offset, slice.getBigUint64(at), bitmap, place);
  }

  async #l2Offset(index: number): Promise<number> {
    const { header, fileLength } = this.#shape;
    const place = header.l1Offset + index * 8;
    const at = place % this.#sliceLength;
    const entry = (await this.#slice(place - at)).getBigUint64(at);
    const table = narrow(entry & l1OffsetMask, place);
    if ((entry & l1ReservedMask) !== 0n)
      throw damaged(place, `reserved bits of the L1 entry ${entry.toString(16)} are set`);
    if (table % header.clusterLength !== 0 || table > fileLength - header.clusterLength)
      throw damaged(place, `an L2 table is at offset ${table}, which is not a cluster of the file`);
    return table;
  }

  #slice(offset: number): Promise<DataView> {
    return this.#slices.get(offset, async () => {
      const length = Math.min(this.#sliceLength, this.#file.length - offset);
      const bytes = await this.#file.read(offset, length);
      return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    });
  }

  get #entryLength(): number {
    return this.#shape.header.hasSubclusters ? 16 : 8;
  }
}

/** One run of two, where the second goes on from the first, in the disk and in the file. */
function join(one: ClusterRun, next: ClusterRun): ClusterRun | undefined {
  if (one.kind !== next.kind || one.kind === "compressed") return undefined;
  const goesOn =
    one.kind !== "data" || (next.kind === "data" && next.hostOffset === one.hostOffset + one.length);
  return goesOn ? { ...one, length: one.length + next.length } : undefined;
}
