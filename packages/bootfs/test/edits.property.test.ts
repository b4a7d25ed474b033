// Any sequence of edits comes to what a plain map of files comes to, by other tools, in a file system that is clean.
import { e2fsck, fsckVfat, requires } from "@bootstamp/witnesses";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyPatch, editImage, noise, sharedEditor } from "./support/edit-image.ts";
import { extractExt, extractFat, type Tree } from "./support/extract-tree.ts";
import { makeExt, makeFat } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";
import { TreeModel, type ModelledEdit } from "./support/tree-model.ts";

const folder = scratchFolder("edits");
const editor = sharedEditor(1);
const runs = Number(process.env["EDIT_RUNS"] ?? 6);

const name = fc.constantFrom("a", "b", "c.txt", "a name of more letters", "n".repeat(120));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join("/")}`);
// Links keep to names of their own, so that no other path leads through one.
const linkPath = fc
  .tuple(fc.array(name, { maxLength: 2 }), fc.constantFrom("l1", "l2"))
  .map(([names, last]) => `/${[...names, last].join("/")}`);
const length = fc.oneof(
  fc.constantFrom(0, 1, 511, 512, 1023, 1024, 1025, 4095, 4096, 4097, 12_288, 13_000),
  fc.nat(60_000),
);
const content = fc.tuple(length, fc.nat(1000)).map(([bytes, seed]) => noise(bytes, seed));

const common: readonly fc.Arbitrary<ModelledEdit>[] = [
  fc.record({ verb: fc.constant("write" as const), path, content }),
  fc.record({ verb: fc.constant("append-line" as const), path, line: fc.stringMatching(/^[a-z]{0,20}$/) }),
  fc.record({ verb: fc.constant("mkdir" as const), path }),
  fc.record({ verb: fc.constant("delete" as const), path }),
  fc.record({ verb: fc.constant("move" as const), from: path, to: path }),
];
const withLinks: readonly fc.Arbitrary<ModelledEdit>[] = [
  ...common,
  fc.record({
    verb: fc.constant("link" as const),
    path: linkPath,
    target: fc.constantFrom("a", "t".repeat(59), "t".repeat(60), "t".repeat(900)),
  }),
  fc.record({ verb: fc.constant("delete" as const), path: linkPath }),
  fc.record({ verb: fc.constant("move" as const), from: linkPath, to: linkPath }),
];

interface Kind {
  readonly edits: readonly fc.Arbitrary<ModelledEdit>[];
  readonly make: (image: string) => Promise<void>;
  readonly check: (image: string) => Promise<unknown>;
  readonly extract: (image: string, target: string) => Promise<Tree>;
}

const ext = (...options: readonly string[]): Kind => ({
  edits: withLinks,
  make: async (image) => await makeExt(image, { options, length: 8 << 20 }),
  check: async (image) => await e2fsck(image),
  extract: extractExt,
});
const fat = (...options: readonly string[]): Kind => ({
  edits: common,
  make: async (image) => await makeFat(image, { options, length: 8 << 20 }),
  check: async (image) => await fsckVfat(image),
  extract: extractFat,
});

const kinds: Readonly<Record<string, Kind>> = {
  "ext4, 1 KiB blocks": ext("-t", "ext4", "-b", "1024"),
  "ext4 as of Debian 13": ext("-t", "ext4", "-b", "4096", "-O", "metadata_csum_seed,orphan_file"),
  ext2: ext("-t", "ext2", "-b", "1024"),
  FAT12: fat("-F", "12"),
  FAT16: fat("-F", "16", "-s", "1"),
};

describe("any edits", requires("mke2fs", "e2fsck", "debugfs", "mkfs.vfat", "fsck.vfat", "mcopy"), () => {
  test.each(Object.entries(kinds))("%s", async (title, kind) => {
    const image = `${folder}/${title.replaceAll(/\W+/g, "-")}`;
    await kind.make(image);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(...kind.edits), { minLength: 1, maxLength: 30 }), async (wished) => {
        const model = new TreeModel();
        const edits = wished.filter((edit) => model.apply(edit));
        const { patch } = await editImage(editor, image, edits);
        applyPatch(image, patch, `${image}.out`);
        await kind.check(`${image}.out`);
        expect(await kind.extract(`${image}.out`, `${image}.dump`)).toEqual(model.tree());
      }),
      { numRuns: runs },
    );
  });
});
