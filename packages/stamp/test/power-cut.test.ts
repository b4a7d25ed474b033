// Cuts the power at every step of a change in place, and at every step of the recovery from that, and of the recovery
// from that. What was not synced is lost in part: sector by sector, in any order.
import { MemorySource, type Overwrite, type Patch } from "@bootstamp/byte-source";
import { pressInMemory, unpackInMemory } from "@bootstamp/format-contract";
import { format as gzip } from "@bootstamp/gzip";
import type { StreamFormat } from "@bootstamp/segment-map";
import { recoverInPlace, stampInPlace } from "@bootstamp/stamp";
import { format as xz } from "@bootstamp/xz";
import { format as zstd } from "@bootstamp/zstd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeIdentity, identityFormat } from "./identity-format.ts";
import { noise, overwritesOf, patchOf, withOverwrites } from "./patched-bytes.ts";
import { afterPowerCut, type DiskState, type DiskStep, type Fate, SimulatedDisk } from "./simulated-disk.ts";

const path = "/images/base.identity";
const journal = "/images/.base.identity.bootstamp-journal";

interface Change {
  readonly format: StreamFormat;
  readonly before: DiskState;
  readonly old: Uint8Array;
  readonly new: Uint8Array;
  readonly steps: readonly DiskStep[];
}

type Drops = (step: DiskStep) => boolean;

async function change(raw: Uint8Array, overwrites: readonly Overwrite[], drops?: Drops): Promise<Change> {
  const made = await changePacked(identityFormat(), encodeIdentity(raw), patchOf(raw, overwrites), drops);
  expect(made.new).toEqual(encodeIdentity(withOverwrites(raw, overwrites)));
  return made;
}

async function changePacked(
  format: StreamFormat,
  old: Uint8Array,
  patch: Patch,
  drops?: Drops,
): Promise<Change> {
  const before: DiskState = { names: new Map([[path, 0]]), nodes: new Map([[0, old]]) };
  const disk = new SimulatedDisk(before, drops);
  await stampInPlace({ path, format, patch, files: disk });
  expect([...disk.state.names.keys()]).toEqual([path]);
  return { format, before, old, new: disk.state.nodes.get(0) ?? old, steps: disk.steps };
}

/** What is wrong with a disk from which a recovery has come back; undefined if it is as it should be. */
function fault(state: DiskState, allowed: readonly Uint8Array[]): string | undefined {
  const found = state.nodes.get(state.names.get(path) ?? -1);
  if (found === undefined) return "the file is gone";
  if (state.names.has(journal)) return "the journal is there";
  return allowed.some((each) => Buffer.compare(each, found) === 0) ? undefined : "the file is a mixture";
}

/** Makes a fate anew for each cut: it counts what it is asked. */
type NewFate = () => Fate;

interface Cuts {
  /** What is tried for every cut of the change. */
  readonly fates: readonly NewFate[];
  /** And for every cut of a recovery. */
  readonly laterFates: readonly NewFate[];
  /** How often the power goes. */
  readonly depth: number;
  /** Of the disk that recoveries work on. */
  readonly drops?: Drops;
}

/** The first fault that any cut leads to. */
async function faultOf({ format, before, steps, ...files }: Change, cuts: Cuts): Promise<string | undefined> {
  const firstWrite = steps.findIndex((step) => step.kind === "write" && step.node === 0);
  for (let count = 0; count <= steps.length; count++) {
    let allowed = [files.old, files.new];
    if (count <= firstWrite) allowed = [files.old];
    if (count === steps.length) allowed = [files.new];
    for (const newFate of cuts.fates) {
      const cut = afterPowerCut(before, steps.slice(0, count), newFate());
      const found = await faultAfter(format, cut, allowed, cuts, cuts.depth - 1);
      if (found !== undefined) return `${found} after ${count} of ${steps.length} steps`;
    }
  }
  return undefined;
}

async function faultAfter(
  format: StreamFormat,
  state: DiskState,
  allowed: readonly Uint8Array[],
  cuts: Cuts,
  depth: number,
): Promise<string | undefined> {
  const disk = new SimulatedDisk(state, cuts.drops);
  await recoverInPlace(path, [format], disk);
  const found = fault(disk.state, allowed);
  if (found !== undefined || depth === 0) return found;
  const { steps } = disk;
  for (let count = 0; count <= steps.length; count++) {
    // What a recovery came back with stays.
    const still = count < steps.length ? allowed : [disk.state.nodes.get(0) ?? new Uint8Array()];
    for (const newFate of cuts.laterFates) {
      const cut = afterPowerCut(state, steps.slice(0, count), newFate());
      const later = await faultAfter(format, cut, still, cuts, depth - 1);
      if (later !== undefined) return `${later} after ${count} of ${steps.length} steps of a recovery`;
    }
  }
  return undefined;
}

const all: NewFate = () => () => true;
const none: NewFate = () => () => false;

/** All but the one at `index`, or none but it. */
function butOne(index: number, others: boolean): NewFate {
  return () => {
    let at = 0;
    return () => (at++ === index ? !others : others);
  };
}

/** The first `count` and no more: what a disk does that keeps the order. */
function first(count: number): NewFate {
  return () => {
    let at = 0;
    return () => at++ < count;
  };
}

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

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Every one of the pending things alone, all but it, and every beginning; more things than a change leaves pending. */
const ordered = upTo(24).flatMap((index) => [butOne(index, true), butOne(index, false), first(index)]);
const mixed = upTo(60).map((index) => anyOf(index * 7919));
const raw = noise(6000);
// Within a sector, over some, one byte, and what the format seals at the end.
const overwrites = [
  { offset: 100, bytes: noise(30, 2) },
  { offset: 700, bytes: noise(1500, 3) },
  { offset: 5000, bytes: noise(1, 4) },
];

test("the steps are those that the argument is about", async () => {
  const { steps } = await change(raw, overwrites);
  const words = steps.map((step) => ("node" in step ? `${step.kind} ${step.node}` : step.kind));
  const journalWritten =
    "create 1, write 1, write 1, write 1, write 1, write 1, write 1, sync 1, sync-directory";
  const fileWritten = "write 0, write 0, write 0, write 0, sync 0";
  expect(words.join(", ")).toBe(`${journalWritten}, ${fileWritten}, remove, sync-directory`);
});

test("wherever the power goes, the file is the old or the new one afterwards", async () => {
  const made = await change(raw, overwrites);
  const fates = [all, none, ...ordered, ...mixed];
  expect(await faultOf(made, { fates, laterFates: [], depth: 1 })).toBeUndefined();
});

test("wherever it goes again in a recovery, and once more in the next", async () => {
  const made = await change(raw, overwrites);
  const fates = [all, none, first(2), butOne(1, true), ...mixed.slice(0, 4)];
  const laterFates = [all, none, ...mixed.slice(10, 12)];
  expect(await faultOf(made, { fates, laterFates, depth: 3 })).toBeUndefined();
});

test("a change of many records, torn anywhere", async () => {
  const large = noise(120_000);
  const made = await change(large, [
    { offset: 1000, bytes: noise(70_000, 2) },
    { offset: 90_001, bytes: noise(29_999, 3) },
  ]);
  const fates = [all, none, ...mixed.slice(0, 2)];
  expect(await faultOf(made, { fates, laterFates: [none, anyOf(5)], depth: 2 })).toBeUndefined();
});

test("any change, any tearing", async () => {
  await fc.assert(
    fc.asyncProperty(
      overwritesOf(raw.length),
      fc.array(fc.integer(), { maxLength: 4 }),
      async (some, seeds) => {
        const fates = seeds.map(anyOf);
        const made = await change(raw, some);
        expect(await faultOf(made, { fates, laterFates: fates.slice(0, 2), depth: 2 })).toBeUndefined();
      },
    ),
    { numRuns: 40 },
  );
});

describe.each([gzip, xz, zstd].map((format) => ({ name: format.name, format })))(
  "in a $name",
  ({ format }) => {
    const image = noise(66_048, 9).fill(7, 0, 8192);
    const stored = [
      { offset: 8192, length: 4096 },
      { offset: 24_576, length: 32_768 },
    ];
    // In one stored extent, and over the borders of blocks in the other.
    const changes = [
      { offset: 8200, bytes: noise(30, 2) },
      { offset: 28_000, bytes: noise(9000, 3) },
      { offset: 57_000, bytes: noise(1, 4) },
    ];

    test("the file is the old or the new one, wherever the power goes, and goes again in the recovery", async () => {
      const packed = await pressInMemory(format, new MemorySource(image), stored, {});
      const made = await changePacked(format, packed, patchOf(image, changes));
      const unpacked = await unpackInMemory(format, made.new);
      expect(Buffer.compare(unpacked.raw, withOverwrites(image, changes))).toBe(0);
      const fates = [all, none, ...mixed.slice(0, 4)];
      expect(await faultOf(made, { fates, laterFates: [none, anyOf(5)], depth: 2 })).toBeUndefined();
    });
  },
);

// That all is well proves something only if what is not would show.
test.each<[string, Drops]>([
  ["the journal", (step) => step.kind === "sync" && step.node === 1],
  ["directories", (step) => step.kind === "sync-directory"],
  ["the file", (step) => step.kind === "sync" && step.node === 0],
])("without the sync of %s a cut shows", async (_, drops) => {
  const made = await change(raw, overwrites, drops);
  expect(await faultOf(made, { fates: [...ordered, ...mixed], laterFates: [], depth: 1 })).toMatch(
    /mixture|gone/,
  );
});

const isSync: Drops = (step) => step.kind === "sync";

test("without the file's sync in a recovery a second cut shows", async () => {
  const made = await change(raw, overwrites);
  const cuts = {
    fates: [all, ...mixed.slice(0, 3)],
    laterFates: mixed.slice(5, 25),
    depth: 2,
    drops: isSync,
  };
  expect(await faultOf(made, cuts)).toMatch("mixture");
});
