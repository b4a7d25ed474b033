// What a partition needs for a directory is what it needs: the file system is made at that very length.
import { join } from "node:path";
import { MemorySource } from "@bootstamp/byte-source";
import { assembleImage, measureContent, type DirectoryContent } from "@bootstamp/disk-image";
import type { GptDescription, SectorLength } from "@bootstamp/layout";
import { copyRange, e2fsck, fsckVfat, requires } from "@bootstamp/witnesses";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clock, gptOf, mebibyte, noise, scratchFolder, writeTree } from "./support.ts";

const folder = scratchFolder("measure");
const path = join(folder, "tree");
const output = join(folder, "disk.img");

const names = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}(\.[a-z]{1,4})?$/);
interface Tree {
  readonly files: readonly (readonly [name: string, length: number])[];
  /** Files of one byte in one directory. */
  readonly small: number;
  readonly depth: number;
}

function treesWith(mostSmall: number): fc.Arbitrary<Tree> {
  return fc.record({
    files: fc.array(fc.tuple(names, fc.oneof(fc.nat(9000), fc.nat(900_000))), { maxLength: 30 }),
    small: fc.oneof(fc.constant(0), fc.nat(mostSmall)),
    depth: fc.nat(5),
  });
}

function makeTree({ files, small, depth }: Tree): void {
  const parent = `${"d/".repeat(depth)}f`;
  const tiny = Array.from({ length: small }, (_, index) => [`small/a longer name ${index}`, "x"] as const);
  const others = files.map(([name, length]) => [`${parent}/${name}`, noise(length)] as const);
  writeTree(path, Object.fromEntries([["readme", "x"], ...tiny, ...others]));
}

/** A layout of one partition that is as long as the content needs. */
async function tableFor(content: DirectoryContent, sectorLength: SectorLength): Promise<GptDescription> {
  const length = await measureContent(content, sectorLength);
  expect(length % sectorLength).toBe(0);
  const table = gptOf(sectorLength, [["linux-generic", 1]]);
  const partitions = table.partitions.map((partition) => Object.assign({}, partition, { length }));
  const diskLength = Math.ceil(length / mebibyte + 2) * mebibyte;
  return { ...table, diskLength, partitions };
}

async function buildAtThatLength(content: DirectoryContent, sectorLength: SectorLength): Promise<string> {
  const table = await tableFor(content, sectorLength);
  await assembleImage({ table, contents: new Map([[1, content]]), output, clock });
  const volume = join(folder, "volume.img");
  await copyRange(output, { offset: mebibyte, length: table.partitions[0]?.length ?? 0 }, volume);
  return volume;
}

test("an ext4 of a directory has room in what it is said to need", requires("mke2fs", "e2fsck"), async () => {
  await fc.assert(
    fc.asyncProperty(treesWith(1500), async (tree) => {
      makeTree(tree);
      const volume = await buildAtThatLength({ kind: "directory", path, fileSystem: "ext4" }, 4096);
      expect(await e2fsck(volume)).toMatch(/Pass 5/);
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test("a FAT of a directory has room in what it is said to need", requires("fsck.vfat"), async () => {
  const shapes = fc.constantFrom(
    [512, undefined],
    [4096, undefined],
    [512, 16],
    [512, 32],
    [4096, 16],
  ) as fc.Arbitrary<[SectorLength, 16 | 32 | undefined]>;
  await fc.assert(
    fc.asyncProperty(treesWith(80), shapes, async (tree, [sectorLength, fatWidth]) => {
      makeTree(tree);
      const width = fatWidth === undefined ? {} : { fatWidth };
      const content: DirectoryContent = { kind: "directory", path, fileSystem: "fat", ...width };
      expect(await fsckVfat(await buildAtThatLength(content, sectorLength))).toMatch(/\d+ files/);
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test("bytes and images need their own length, in whole sectors", async () => {
  const source = new MemorySource(new Uint8Array(513));
  expect(await measureContent({ kind: "source", source }, 512)).toBe(1024);
  writeTree(path, { image: noise(100) });
  expect(await measureContent({ kind: "image", path: join(path, "image") }, 4096)).toBe(4096);
  await expect(measureContent({ kind: "image", path: "/nowhere" }, 512)).rejects.toMatchObject({
    code: "SOURCE_UNREADABLE",
  });
});
