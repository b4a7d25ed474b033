// Whatever a reserve foresees, in any order and of any smaller lengths, changes no block outside it.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { BootfsError, openEditor, rehearse, type Edit, type Region, type Reserve } from "@bootstamp/bootfs";
import { FileSource } from "@bootstamp/byte-source";
import fc from "fast-check";
import { requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { applyPatch, editImage, noise, sharedEditor } from "./support/edit-image.ts";
import { mountsExt, whileMounted } from "./support/loop-mount.ts";
import { makeExt, makeFat, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("reserve");
const editor = sharedEditor(2);
const runs = Number(process.env["RESERVE_RUNS"] ?? 5);
const bases = Number(process.env["RESERVE_BASES"] ?? 3);
const firstBase = Number(process.env["RESERVE_FIRST_BASE"] ?? 0);
const mebibyte = 1 << 20;

/** Lengths of files that are there, some with a map of their own, some between holes. */
const lengths: Readonly<Record<string, number>> = {
  "/empty": 0,
  "/short.txt": 100,
  "/grub/block.cfg": 4096,
  "/grub/several.cfg": 21_000,
  "/deep/er/mapped.bin": 30_000,
  "/slot.bin": 9001,
};

/** What new files may count; few, so that growing files find places of their own, none, and many. */
const newBytes = [0, 40 << 10, 600 << 10];

const files: Reserve = {
  files: [
    { path: "/empty", room: 5000 },
    { path: "/short.txt", room: 16_384 },
    { path: "/grub/block.cfg", room: 60_000 },
    { path: "/grub/several.cfg", room: 0 },
    { path: "/deep/er/mapped.bin", room: 30_000 },
    { path: "/grub/made.cfg", room: 12_000 },
    { path: "/not/there/yet.txt", room: 3000 },
  ],
  slots: ["/slot.bin"],
};

function reserveWith(bytes: number): Reserve {
  return bytes === 0 ? files : { ...files, newFiles: { directory: "/deep", bytes } };
}

const content = (most: number): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.oneof(fc.nat(most), fc.constantFrom(0, 1, most), fc.nat(Math.min(most, 5000))), fc.nat(9999))
    .map(([length, seed]) => noise(Math.min(length, most), seed));

const ofFile = ({ path, room }: Reserve["files"][number]): fc.Arbitrary<Edit> =>
  content((lengths[path] ?? 0) + room).map((bytesOfIt): Edit => ({
    verb: "write",
    path,
    content: bytesOfIt,
    mode: 0o600,
  }));

const fill = fc
  .tuple(content(lengths["/slot.bin"] ?? 0), fc.nat(255))
  .map(([filled, pad]): Edit => ({ verb: "fill", path: "/slot.bin", content: filled, pad }));

/** New files as far as the bytes go, some in new directories. */
const newFiles = (bytes: number, unit: number): fc.Arbitrary<Edit[]> =>
  fc
    .array(
      fc.record({
        name: fc
          .tuple(fc.nat(9999), fc.oneof(fc.constantFrom(1, 8, 255), fc.integer({ min: 1, max: 255 })))
          .map(([number, length]) => `${number}`.padStart(length, "new-file.").slice(0, length)),
        nested: fc.boolean(),
        content: fc.oneof(content(3000), content(20_000), content(bytes)),
      }),
      { maxLength: 40 },
    )
    .map((wished) => {
      let left = bytes;
      const edits: Edit[] = [];
      for (const { name, nested, content: all } of wished) {
        const path = nested ? `/deep/directory-${name.slice(-2)}/${name}` : `/deep/${name}`;
        const names = nested ? 2 : 1;
        if (left < (names + 1) * unit) break;
        const file = all.subarray(0, Math.max(0, left - names * unit));
        left -= names * unit + Math.ceil(file.length / unit) * unit;
        edits.push({ verb: "write", path, content: file });
      }
      return edits;
    });

const foreseen = (bytes: number, unit: number): fc.Arbitrary<Edit[]> =>
  fc
    .tuple(...files.files.map(ofFile), fill)
    .chain((edits) => fc.tuple(fc.subarray(edits), newFiles(bytes, unit)))
    .chain(([some, others]) =>
      fc.shuffledSubarray([...some, ...others], { minLength: some.length + others.length }),
    );

type Make = (image: string, tree: string) => Promise<void>;

const ext =
  (...options: readonly string[]): Make =>
  async (image, tree) =>
    await makeExt(image, { options, tree, length: 20 * mebibyte });
const fat =
  (length: number, ...options: readonly string[]): Make =>
  async (image, tree) =>
    await makeFat(image, { options, tree, length });

const kinds: Readonly<Record<string, Make>> = {
  ext2: ext("-t", "ext2", "-b", "1024"),
  "ext2, 4 KiB blocks": ext("-t", "ext2", "-b", "4096"),
  ext3: ext("-t", "ext3", "-b", "1024"),
  "ext4, 1 KiB blocks": ext("-t", "ext4", "-b", "1024"),
  "ext4, 1 KiB blocks, plain": ext("-t", "ext4", "-b", "1024", "-O", "^metadata_csum,^64bit,^flex_bg"),
  "ext4, 4 KiB blocks": ext("-t", "ext4", "-b", "4096", "-O", "metadata_csum,64bit,flex_bg"),
  "ext4, 4 KiB blocks, plain": ext("-t", "ext4", "-b", "4096", "-O", "^metadata_csum,^64bit,^flex_bg"),
  "ext4, small groups": ext("-t", "ext4", "-b", "1024", "-g", "1024", "-G", "1", "-J", "size=1"),
  FAT12: fat(8 * mebibyte, "-F", "12"),
  FAT16: fat(16 * mebibyte, "-F", "16", "-s", "2"),
  "FAT16, large clusters": fat(160 * mebibyte, "-F", "16", "-s", "32"),
  FAT32: fat(40 * mebibyte, "-F", "32", "-s", "1"),
};

/** A file system that has been lived in: with holes of several lengths between its files. */
async function makeBase(make: Make, image: string, seed: number): Promise<void> {
  const fillers = Array.from(
    { length: 60 },
    (_, index) => `${["", "grub/", "deep/", "deep/er/"][index % 4]}f${index}`,
  );
  const names = [...Object.keys(lengths).map((path) => path.slice(1)), ...fillers];
  const shuffled = fc.sample(fc.shuffledSubarray(names, { minLength: names.length }), { seed, numRuns: 1 });
  const contents = (shuffled[0] ?? []).map((name, index) => {
    return [
      name,
      noise(lengths[`/${name}`] ?? 700 + ((index * 7919 + seed * 104_729) % 70_000), index),
    ] as const;
  });
  writeTree(`${folder}/tree`, Object.fromEntries(contents));
  await make(`${image}.full`, `${folder}/tree`);
  const gone = fillers.filter((_, index) => (index + seed) % 3 !== 0);
  const { patch } = await editImage(
    editor,
    `${image}.full`,
    gone.map((name): Edit => ({ verb: "delete", path: `/${name}` })),
  );
  applyPatch(`${image}.full`, patch, image);
}

async function reservedBlocks(image: string, wanted: Reserve): Promise<ReadonlySet<number>> {
  const own = openEditor({ threads: 2 });
  const source = FileSource.open(image);
  try {
    const region = { offset: 0, length: source.length };
    return blocksOf(await rehearse(own, { source, region, sectorLength: 512, reserve: wanted }));
  } finally {
    source.close();
    await own.close();
  }
}

function blocksOf(extents: readonly Region[]): Set<number> {
  const blocks = new Set<number>();
  for (const { offset, length } of extents)
    for (let block = Math.floor(offset / 4096); block * 4096 < offset + length; block++) blocks.add(block);
  return blocks;
}

async function expectInside(image: string, reserved: ReadonlySet<number>, edits: readonly Edit[]) {
  const { patch } = await editImage(editor, image, edits, { clock: 1_700_000_000 });
  const changed = blocksOf(patch.map(({ offset, bytes: run }) => ({ offset, length: run.length })));
  expect([...changed].filter((block) => !reserved.has(block))).toEqual([]);
}

/** Written by the kernel: files in many pieces, whose maps have blocks of their own, and a directory with a hash tree. */
function age(mounted: string): void {
  const write = (path: string, length: number, seed: number): void => {
    writeFileSync(`${mounted}${path}`, noise(length, seed), { flag: "a", flush: true });
  };
  for (const path of ["/deep/er", "/grub"]) mkdirSync(`${mounted}${path}`, { recursive: true });
  for (let index = 0; index < 400; index++)
    write(`/deep/${"long-name".repeat(8)}${index}`, 100 + index * 9, index);
  for (let index = 0; index < 400; index++) {
    if (index % 5 !== 0) rmSync(`${mounted}/deep/${"long-name".repeat(8)}${index}`);
  }
  for (let done = 0; done < 90_000; done += 3000) {
    for (const [path, length] of Object.entries(lengths)) {
      if (done < length) write(path, Math.min(3000, length - done), done);
    }
    write(`/grub/between-${done}`, 2000, done);
  }
  for (let done = 0; done < 90_000; done += 6000) rmSync(`${mounted}/grub/between-${done}`);
}

/** Edits that find no room change nothing. */
function skipFull(error: unknown): void {
  if (!(error instanceof BootfsError && error.code === "BOOTFS_NO_SPACE")) throw error;
  fc.pre(false);
}

describe("a reserve", requires("mke2fs", "mkfs.vfat", "mcopy"), () => {
  test.each(Object.entries(kinds))("%s", async (title, make) => {
    const image = `${folder}/${title.replaceAll(/\W+/g, "-")}`;
    for (let seed = firstBase; seed < firstBase + bases; seed++) {
      const bytes = newBytes[seed % newBytes.length] ?? 0;
      await makeBase(make, image, seed);
      const reserved = await reservedBlocks(image, reserveWith(bytes));
      const unit = title === "FAT16, large clusters" ? 16_384 : 4096;
      await fc.assert(
        fc.asyncProperty(foreseen(bytes, unit), async (edits) => await expectInside(image, reserved, edits)),
        { numRuns: runs },
      );
    }
  });

  test.each([
    ["ext4", "nearly-full-ext", ext("-t", "ext4", "-b", "1024")],
    ["FAT12", "nearly-full-fat", fat(8 * mebibyte, "-F", "12")],
  ] as const)("as much as is free, %s", async (_title, name, make) => {
    const image = `${folder}/${name}`;
    await makeBase(make, image, 1);
    const { freeBytes } = await editImage(editor, image, []);
    const rooms = files.files.reduce((sum, { room }) => sum + room, 0);
    const free = freeBytes.before - rooms;
    const reserved = await reservedBlocks(image, reserveWith(free));
    await fc.assert(
      fc.asyncProperty(foreseen(free, 4096), async (edits) => {
        await expectInside(image, reserved, edits).catch(skipFull);
      }),
      { numRuns: runs },
    );
  });

  test.each([
    ["ext4", ["-t", "ext4", "-b", "1024"]],
    ["ext4, 4 KiB blocks", ["-t", "ext4", "-b", "4096"]],
    ["ext3", ["-t", "ext3", "-b", "1024"]],
  ] as const)("%s as the kernel leaves it", mountsExt, async (title, options) => {
    const image = `${folder}/aged-${title.replaceAll(/\W+/g, "-")}`;
    await makeExt(image, { options, length: 20 * mebibyte });
    whileMounted(image, `${folder}/mounted`, age);
    for (const bytes of newBytes) {
      const reserved = await reservedBlocks(image, reserveWith(bytes));
      await fc.assert(
        fc.asyncProperty(foreseen(bytes, 4096), async (edits) => await expectInside(image, reserved, edits)),
        { numRuns: runs },
      );
    }
  });

  test("more than can be is refused", async () => {
    const image = `${folder}/refused`;
    await makeBase(ext("-t", "ext4", "-b", "1024"), image, 1);
    const refused: readonly (readonly [Reserve, string])[] = [
      [{ files: [], slots: [], newFiles: { directory: "/", bytes: 30 * mebibyte } }, "BOOTFS_NO_SPACE"],
      [{ files: [], slots: [], newFiles: { directory: "/", bytes: 49 * mebibyte } }, "BOOTFS_TOO_LARGE"],
      [{ files: [], slots: [], newFiles: { directory: "/none", bytes: 1 } }, "BOOTFS_NOT_FOUND"],
      [{ files: [], slots: [], newFiles: { directory: "/empty", bytes: 1 } }, "BOOTFS_NOT_DIRECTORY"],
      [{ files: [{ path: "/grub", room: 1 }], slots: [] }, "BOOTFS_IS_DIRECTORY"],
      [{ files: [], slots: ["/none"] }, "BOOTFS_NOT_FOUND"],
    ];
    for (const [wanted, code] of refused)
      await expect(reservedBlocks(image, wanted)).rejects.toMatchObject({ code });
  });
});
