// Cuts the power at every step of writing into a region, and at every step of the recovery from that. What was not synced
// is lost in part: sector by sector, in any order.
import { MemorySource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { format as gzip } from "@bootstamp/gzip";
import { pressInMemory, unpackInMemory } from "@bootstamp/format-contract";
import type { Extent, StreamFormat } from "@bootstamp/segment-map";
import { openRegionWriter, recoverInPlace } from "@bootstamp/stamp";
import { format as xz } from "@bootstamp/xz";
import { format as zstd } from "@bootstamp/zstd";
import { describe, expect, test } from "vitest";
import { noise } from "./patched-bytes.ts";
import { afterPowerCut, type DiskState, type DiskStep, type Fate, SimulatedDisk } from "./simulated-disk.ts";

const path = "/images/base";
const mark = "/images/.base.bootstamp-unsealed";
const rawLength = 131_584;
const stored: Extent[] = [
  { offset: 8192, length: 4096 },
  { offset: 24_576, length: 90_112 },
];
const region = { offset: 28_672, length: 81_920 };

interface Written {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Within a sector, over some, over the edges of blocks, twice in one place; and where a flush comes. */
const session: readonly (Written | "flush")[] = [
  { offset: region.offset, bytes: noise(30, 2) },
  { offset: region.offset + 60_000, bytes: noise(9000, 3) },
  "flush",
  { offset: region.offset + 62_000, bytes: noise(3000, 4) },
  { offset: region.offset + region.length - 700, bytes: noise(700, 5) },
];

interface Session {
  readonly format: StreamFormat;
  readonly before: DiskState;
  readonly steps: readonly DiskStep[];
  /** How many steps had been made when each entry of the session was done. */
  readonly counts: readonly number[];
  readonly raw: Uint8Array;
}

async function record(format: StreamFormat, drops?: (step: DiskStep) => boolean): Promise<Session> {
  const raw = noise(rawLength, 9);
  raw.fill(7, 0, 8192);
  const packed = await pressInMemory(format, new MemorySource(raw), stored, {});
  const before = { names: new Map([[path, 0]]), nodes: new Map([[0, packed]]) };
  const disk = new SimulatedDisk(before, drops);
  const writer = await openRegionWriter({ path, format, extents: [region], files: disk });
  const counts: number[] = [];
  for (const each of session) {
    if (each === "flush") await writer.flush();
    else await writer.write(each.offset, each.bytes);
    counts.push(disk.steps.length);
  }
  await writer.close();
  return { format, before, steps: disk.steps, counts, raw };
}

/** What every byte may be after so many steps: what it was at the last flush, and whatever was written since. */
function allowedAfter({ raw, counts }: Session, count: number, total: number): Uint8Array[] {
  const began = counts.filter((at) => at <= count).length + 1;
  const lastFlush = session.slice(0, began - 1).lastIndexOf("flush");
  const images: Uint8Array[] = [];
  let image = raw;
  for (const [index, each] of session.slice(0, began).entries()) {
    if (index > lastFlush) images.push(image);
    if (each === "flush") continue;
    image = new Uint8Array(image);
    image.set(each.bytes, each.offset);
  }
  return count === total ? [image] : [...images, image];
}

/** What is wrong with a disk from which a recovery has come back; undefined if it is as it should be. */
async function fault(
  { format }: Session,
  state: DiskState,
  allowed: readonly Uint8Array[],
): Promise<string | undefined> {
  const found = state.nodes.get(state.names.get(path) ?? -1);
  if (found === undefined) return "the file is gone";
  if (state.names.has(mark)) return "the mark is there";
  const read = await unpackInMemory(format, found).catch((error: unknown) => String(error));
  if (typeof read === "string") return `unsealed: ${read}`;
  const { raw, map } = read;
  if ((map.rawCrc32 ?? crc32.of(raw)) !== crc32.of(raw)) return "unsealed: another CRC-32 of the whole";
  if (allowed.some((image) => Buffer.compare(image, raw) === 0)) return undefined;
  const wrong = raw.findIndex((byte, at) => !allowed.some((image) => image[at] === byte));
  return wrong === -1 ? undefined : `lost: a byte at ${wrong}`;
}

type NewFate = () => Fate;

const all: NewFate = () => () => true;
const none: NewFate = () => () => false;

/** One of its own for each seed, every time the same. */
function anyOf(seed: number): NewFate {
  return () => {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      return state < 0;
    };
  };
}

interface Cuts {
  readonly fates: readonly NewFate[];
  /** For every cut of a recovery. */
  readonly laterFates: readonly NewFate[];
  /** Whether the recovery's disk leaves out syncs. */
  readonly drops?: (step: DiskStep) => boolean;
}

/** The first fault that any cut leads to. */
async function faultOf(made: Session, { fates, laterFates, drops }: Cuts): Promise<string | undefined> {
  const { before, steps, format } = made;
  for (let count = 0; count <= steps.length; count++) {
    const allowed = allowedAfter(made, count, steps.length);
    for (const newFate of fates) {
      const cut = afterPowerCut(before, steps.slice(0, count), newFate());
      const disk = new SimulatedDisk(cut, drops);
      await recoverInPlace(path, [format], disk);
      const found = await fault(made, disk.state, allowed);
      if (found !== undefined) return `${found} after ${count} of ${steps.length} steps`;
      for (let later = 0; later < disk.steps.length; later++) {
        for (const laterFate of laterFates) {
          const again = new SimulatedDisk(afterPowerCut(cut, disk.steps.slice(0, later), laterFate()));
          await recoverInPlace(path, [format], again);
          const second = await fault(made, again.state, allowed);
          if (second !== undefined) return `${second} after ${count} steps and ${later} of a recovery`;
        }
      }
    }
  }
  return undefined;
}

const seeds = Array.from({ length: 4 }, (_, index) => anyOf(index * 7919 + 1));

describe.each([gzip, xz, zstd].map((format) => ({ name: format.name, format })))("$name", ({ format }) => {
  test("wherever the power goes, the file is sealed, and has what was flushed, afterwards", async () => {
    const made = await record(format);
    expect(await faultOf(made, { fates: [all, none, ...seeds], laterFates: [] })).toBeUndefined();
  });

  test("wherever it goes again in the recovery", async () => {
    const made = await record(format);
    expect(await faultOf(made, { fates: seeds.slice(0, 1), laterFates: [none, anyOf(5)] })).toBeUndefined();
  });
});

test("the steps are those that the argument is about", async () => {
  const { steps } = await record(gzip);
  const words = steps.map((step) => ("node" in step ? `${step.kind} ${step.node}` : step.kind));
  const joined = words.filter((word, index) => word !== words[index - 1]).join(", ");
  const marked = "create 1, write 1, sync 1, sync-directory";
  expect(joined).toBe(`${marked}, write 0, sync 0, write 0, sync 0, remove, sync-directory`);
});

// That all is well proves something only if what is not would show.
test.each<[string, (step: DiskStep) => boolean, RegExp]>([
  ["the mark", (step) => step.kind === "sync" && step.node === 1, /unsealed/],
  ["directories", (step) => step.kind === "sync-directory", /unsealed/],
  ["the file", (step) => step.kind === "sync" && step.node === 0, /lost|unsealed/],
])("without the sync of %s a cut shows", async (_, drops, seen) => {
  const made = await record(zstd, drops);
  expect(await faultOf(made, { fates: [all, none, ...seeds], laterFates: [] })).toMatch(seen);
});
