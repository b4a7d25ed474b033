import { readFileSync } from "node:fs";
import { MemorySource, type ByteSource } from "@bootstamp/byte-source";
import { openQcow2, type Qcow2Extent, type Qcow2Source } from "@bootstamp/qcow2";
import { requires, run, runBytes } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { mixedBytes, openPath, Workshop } from "./images.ts";

async function collect(source: Qcow2Source, offset = 0, length = source.length): Promise<Qcow2Extent[]> {
  const extents: Qcow2Extent[] = [];
  for await (const extent of source.extents(offset, length)) extents.push(extent);
  return extents;
}

interface DataRun {
  readonly start: number;
  readonly length: number;
  readonly data: boolean;
}

/**
 * Where qemu-img's map of the image says that there is data and where not, neighbours joined. Its `zero` is another
 * matter: it is set for holes of the file that data is in, too.
 */
async function qemuDataRuns(path: string): Promise<DataRun[]> {
  const json = await runBytes("qemu-img", ["map", "--output=json", "-f", "qcow2", path]);
  const mapped: DataRun[] = JSON.parse(json.toString());
  return joinRuns(mapped);
}

function joinRuns(runs: readonly DataRun[]): DataRun[] {
  const joined: DataRun[] = [];
  for (const { start, length, data } of runs) {
    const last = joined.at(-1);
    if (last?.data === data) joined.splice(-1, 1, { start: last.start, length: last.length + length, data });
    else joined.push({ start, length, data });
  }
  return joined;
}

/** Says in what our source and qemu-img disagree. */
async function differenceFromQemu(path: string, workshop: Workshop): Promise<string | undefined> {
  const source = await openPath(path);
  const raw = await workshop.rawOf(path);
  if (source.length !== raw.length) return `${source.length} bytes, expected ${raw.length}`;
  if (Buffer.compare(await source.read(0, source.length), raw) !== 0) return "the bytes";
  const extents = await collect(source);
  const ours = joinRuns(extents.map(({ offset, length, zero }) => ({ start: offset, length, data: !zero })));
  const theirs = await qemuDataRuns(path);
  const isSame = JSON.stringify(ours) === JSON.stringify(theirs);
  return isSame ? undefined : `extents ${JSON.stringify(ours)}, expected ${JSON.stringify(theirs)}`;
}

/** Where extents end that follow one another from `from` on, none of them empty. */
function coveredTo(extents: readonly Qcow2Extent[], from: number): number {
  return extents.reduce(
    (at, extent) => (extent.offset === at && extent.length > 0 ? at + extent.length : -1),
    from,
  );
}

const writes = [
  "write -P 1 0 100k",
  "write -P 2 300k 70000",
  "write -P 3 1M 512",
  "write -z 1536k 256k",
  "write -z -u 320k 64k",
  "write -P 4 2047k 1k",
];
const length = 2 << 20;

describe("reads what qemu-img and qemu-io wrote", requires("qemu-img", "qemu-io"), () => {
  test.each([
    "compat=0.10",
    "compat=0.10,cluster_size=512",
    "compat=1.1",
    "compat=1.1,cluster_size=512",
    "compat=1.1,cluster_size=4k",
    "compat=1.1,cluster_size=2M",
    "compat=1.1,lazy_refcounts=on",
    "compat=1.1,refcount_bits=1",
    "compat=1.1,preallocation=metadata",
    "compat=1.1,preallocation=full",
    "compat=1.1,extended_l2=on",
    "compat=1.1,extended_l2=on,cluster_size=16k",
    "compat=1.1,extended_l2=on,cluster_size=2M,preallocation=metadata",
  ])("written with %s", async (options) => {
    await using workshop = new Workshop();
    const path = await workshop.create(length, options, writes);
    expect(await differenceFromQemu(path, workshop)).toBeUndefined();
  });

  test.each([
    ["compat=0.10,cluster_size=512"],
    ["compat=0.10"],
    ["compat=1.1,cluster_size=4k"],
    ["compat=1.1,compression_type=zlib"],
    ["compat=1.1,compression_type=zstd"],
    ["compat=1.1,compression_type=zstd,cluster_size=512"],
    ["compat=1.1,compression_type=zstd,cluster_size=2M"],
    ["compat=1.1,cluster_size=2M"],
    ["compat=1.1,extended_l2=on"],
  ])("compressed with %s", async (options) => {
    await using workshop = new Workshop();
    // Not a whole number of clusters.
    const raw = mixedBytes((3 << 20) + 512 * 5);
    const path = await workshop.convert(raw, "-c", "-o", options);
    expect(await differenceFromQemu(path, workshop)).toBeUndefined();
    expect(Buffer.compare(await (await openPath(path)).read(0, raw.length), raw)).toBe(0);
  });

  test("compressed clusters that were written over in part", async () => {
    await using workshop = new Workshop();
    const path = await workshop.convert(mixedBytes(length), "-c");
    await workshop.write(path, [
      "write -P 7 70k 3k",
      "write -z 512k 64k",
      "discard 1M 128k",
      "write -c -P 9 1M 64k",
    ]);
    expect(await differenceFromQemu(path, workshop)).toBeUndefined();
  });

  test("and not the internal snapshots", async () => {
    await using workshop = new Workshop();
    const path = await workshop.create(length, "compat=1.1", writes);
    await run("qemu-img", ["snapshot", "-c", "before", path]);
    await workshop.write(path, ["write -P 9 0 64k", "discard 1M 64k"]);
    expect(await differenceFromQemu(path, workshop)).toBeUndefined();
  });

  test("an image of more than 4 GiB, which takes no room", async () => {
    await using workshop = new Workshop();
    const path = await workshop.create(5 * 2 ** 40, "compat=1.1", ["write -P 5 4T 1M", "write -P 6 100k 3k"]);
    const source = await openPath(path);
    expect(source.length).toBe(5 * 2 ** 40);
    expect(await source.read(4 * 2 ** 40 - 2, 4)).toEqual(Uint8Array.of(0, 0, 5, 5));
    expect(await collect(source)).toEqual([
      { offset: 0, length: 65_536, hole: true, zero: true },
      { offset: 65_536, length: 65_536, hole: false, zero: false },
      { offset: 131_072, length: 4 * 2 ** 40 - 131_072, hole: true, zero: true },
      { offset: 4 * 2 ** 40, length: 1 << 20, hole: false, zero: false },
      { offset: 4 * 2 ** 40 + (1 << 20), length: 2 ** 40 - (1 << 20), hole: true, zero: true },
    ]);
  });

  test("an image of no bytes", async () => {
    await using workshop = new Workshop();
    const source = await openPath(await workshop.create(0, "compat=1.1"));
    expect(source.length).toBe(0);
    expect(await source.read(0, 0)).toEqual(new Uint8Array());
    expect(await collect(source)).toEqual([]);
  });
});

describe("a source", requires("qemu-img", "qemu-io"), () => {
  test("reads any range, and tells its extents from there on", async () => {
    await using workshop = new Workshop();
    const raw = mixedBytes(length);
    const source = await openPath(await workshop.convert(raw, "-c", "-o", "cluster_size=4k"));
    for (const [from, count] of [
      [0, 1],
      [4095, 2],
      [100_000, 70_000],
      [length - 1, 1],
      [5, 0],
    ] as const)
      expect(Buffer.compare(await source.read(from, count), raw.subarray(from, from + count))).toBe(0);
    expect(await collect(source, 20_000, 10_000)).toEqual([
      { offset: 20_000, length: 4576, hole: false, zero: false },
      { offset: 24_576, length: 5424, hole: true, zero: true },
    ]);
    await expect(source.read(length, 1)).rejects.toMatchObject({ code: "SOURCE_OUT_OF_RANGE" });
    expect(() => source.extents(0, length + 1)).toThrow("cannot read");
  });

  test("reads parts of clusters that are allocated in parts", async () => {
    await using workshop = new Workshop();
    const commands = ["write -P 1 4k 2k", "write -P 2 10k 6k", "write -P 3 64k 2k", "write -z 70k 4k"];
    const path = await workshop.create(128 << 10, "compat=1.1,extended_l2=on", commands);
    const [source, raw] = [await openPath(path), await workshop.rawOf(path)];
    for (let from = 0; from < raw.length; from += 1500) {
      for (const to of [from, from + 1, from + 700, from + 3000].map((end) => Math.min(end, raw.length))) {
        expect(Buffer.compare(await source.read(from, to - from), raw.subarray(from, to))).toBe(0);
        const extents = await collect(source, from, to - from);
        expect(coveredTo(extents, from)).toBe(to);
      }
    }
  });

  test("tells room that is kept for zeros from holes", async () => {
    await using workshop = new Workshop();
    const source = await openPath(
      await workshop.create(256 << 10, "compat=1.1", ["write -P 1 0 128k", "write -z 64k 64k"]),
    );
    expect(await collect(source)).toEqual([
      { offset: 0, length: 65_536, hole: false, zero: false },
      { offset: 65_536, length: 65_536, hole: false, zero: true },
      { offset: 131_072, length: 131_072, hole: true, zero: true },
    ]);
  });

  test("decompresses a cluster once for all who read it, and the tables once", async () => {
    await using workshop = new Workshop();
    const file = readFileSync(await workshop.convert(mixedBytes(length), "-c"));
    const reads: number[] = [];
    const counting: ByteSource = {
      length: file.length,
      read: async (offset, count) => {
        reads.push(offset);
        return await new MemorySource(file).read(offset, count);
      },
    };
    const source = await openQcow2(counting);
    const offsets = Array.from({ length: 64 }, (_, index) => index * 1000);
    await Promise.all(offsets.map(async (offset) => await source.read(offset, 1000)));
    // The header, a slice of the L1 table, one of the L2 table, and the one cluster.
    expect(reads).toHaveLength(4);
    for (const offset of offsets) await source.read(offset, 1000);
    expect(reads).toHaveLength(4);
  });
});
