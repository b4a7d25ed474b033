// A slot is filled where it lies: other tools read it, and not a byte outside the file's own blocks has changed.
import { readFileSync, symlinkSync, truncateSync } from "node:fs";
import type { Edit } from "@bootstamp/bootfs";
import { debugfs, e2fsck, fsckVfat, readExtFile, readFatFile, requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { applyPatch, bytesOf, editImage, noise, sharedEditor } from "./support/edit-image.ts";
import { makeExt, makeFat, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("fill");
const editor = sharedEditor(1);
const slotLength = 30_001;

interface Kind {
  readonly make: (image: string, tree: string) => Promise<void>;
  /** Where a tool of others says that the file lies, as offsets of blocks of a length. */
  readonly blocks: (image: string, path: string) => Promise<{ offsets: readonly number[]; length: number }>;
  readonly read: (image: string, path: string) => Promise<Buffer>;
  readonly check: (image: string) => Promise<unknown>;
}

const ext = (blockLength: number, ...options: readonly string[]): Kind => ({
  make: async (image, tree) => await makeExt(image, { options: [...options, "-b", `${blockLength}`], tree }),
  blocks: async (image, path) => {
    const out = await run("debugfs", ["-R", `blocks ${path}`, image]);
    const numbers = out.trim().split(/\s+/).map(Number);
    return { offsets: numbers.map((number) => number * blockLength), length: blockLength };
  },
  read: readExtFile,
  check: async (image) => await e2fsck(image),
});

const fat = (...options: readonly string[]): Kind => ({
  make: async (image, tree) => await makeFat(image, { options, tree, length: 48 << 20 }),
  blocks: async (image, path) => {
    const record = readFileSync(image).subarray(0, 512);
    const [sector, sectors] = [record.readUInt16LE(11), record.readUInt8(13)];
    const fats = record.readUInt8(16) * (record.readUInt16LE(22) || record.readUInt32LE(36));
    const data = (record.readUInt16LE(14) + fats) * sector + record.readUInt16LE(17) * 32;
    const out = await run("mshowfat", ["-i", image, `::${path}`], {
      env: { MTOOLS_SKIP_CHECK: "1" },
    });
    const runs = [...out.matchAll(/<(\d+)(?:-(\d+))?>/g)];
    const clusters = runs.flatMap(([, first = "", last = first]) =>
      Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index),
    );
    return {
      offsets: clusters.map((cluster) => data + (cluster - 2) * sector * sectors),
      length: sector * sectors,
    };
  },
  read: readFatFile,
  check: async (image) => await fsckVfat(image),
});

const kinds: Readonly<Record<string, Kind>> = {
  ext2: ext(1024, "-t", "ext2"),
  ext4: ext(4096, "-t", "ext4"),
  "ext4 with checksums and 1 KiB blocks": ext(1024, "-t", "ext4", "-O", "metadata_csum,64bit"),
  FAT12: fat("-F", "12", "-s", "64"),
  FAT16: fat("-F", "16"),
  FAT32: fat("-F", "32", "-s", "1"),
};

const fill = (more: Partial<Extract<Edit, { verb: "fill" }>> = {}): Edit => ({
  verb: "fill",
  path: "/slot.bin",
  content: bytesOf("ignition.platform.id=aws"),
  ...more,
});

function differentOffsets(before: string, after: string): number[] {
  const [a, b] = [readFileSync(before), readFileSync(after)];
  expect(b.length).toBe(a.length);
  const offsets: number[] = [];
  for (let block = 0; block < a.length; block += 4096) {
    if (a.subarray(block, block + 4096).equals(b.subarray(block, block + 4096))) continue;
    for (let at = block; at < block + 4096; at++) if (a[at] !== b[at]) offsets.push(at);
  }
  return offsets;
}

describe(
  "slots",
  requires("mke2fs", "mkfs.vfat", "mcopy", "mshowfat", "e2fsck", "fsck.vfat", "debugfs"),
  async () => {
    writeTree(`${folder}/tree`, {
      "before.bin": noise(5000),
      "slot.bin": noise(slotLength, 2),
      "after.bin": noise(5000, 3),
    });

    test.each(Object.entries(kinds))("%s", async (title, { make, blocks, read, check }) => {
      const image = `${folder}/${title.replaceAll(/\W+/g, "-")}`;
      await make(image, `${folder}/tree`);
      const own = await blocks(image, "/slot.bin");
      expect(own.offsets.length).toBeGreaterThanOrEqual(Math.ceil(slotLength / own.length));
      const contents = [
        fill({ content: noise(slotLength, 9) }),
        fill({ end: bytesOf("\n"), pad: "#".charCodeAt(0) }),
        fill(),
        fill({ content: new Uint8Array() }),
      ];
      for (const edit of contents) {
        const { patch, reports } = await editImage(editor, image, [edit], { clock: 1_700_000_000 });
        expect(reports[0]?.files).toEqual([
          { path: "/slot.bin", action: "changed", lengthBefore: slotLength, length: slotLength },
        ]);
        applyPatch(image, patch, `${image}.out`);
        await check(`${image}.out`);
        const different = differentOffsets(image, `${image}.out`);
        expect(different.length).toBeGreaterThan(slotLength * 0.9);
        const outside = different.filter(
          (offset) => !own.offsets.some((start) => offset >= start && offset < start + own.length),
        );
        expect(outside).toEqual([]);
      }
      const filled = await editImage(editor, image, [fill({ end: bytesOf("\n"), pad: 35 })]);
      applyPatch(image, filled.patch, `${image}.out`);
      const text = "ignition.platform.id=aws\n";
      expect((await read(`${image}.out`, "/slot.bin")).toString()).toBe(text.padEnd(slotLength, "#"));
      expect(await editImage(editor, `${image}.out`, [fill({ end: bytesOf("\n"), pad: 35 })])).toMatchObject({
        patch: [],
        reports: [{ files: [{ action: "kept" }] }],
      });
    });

    test("what an edit before it made can be filled, through a link", async () => {
      symlinkSync("slot.bin", `${folder}/tree/link`);
      const image = `${folder}/linked`;
      await makeExt(image, { options: ["-t", "ext4"], tree: `${folder}/tree` });
      const { patch } = await editImage(editor, image, [
        { verb: "write", path: "/new", content: noise(9000) },
        fill({ path: "/link" }),
        fill({ path: "/new" }),
        { verb: "append-line", path: "/before.bin", line: "more".repeat(2000) },
      ]);
      applyPatch(image, patch, `${image}.out`);
      await e2fsck(`${image}.out`);
      for (const [path, length] of [
        ["/slot.bin", slotLength],
        ["/new", 9000],
      ] as const)
        expect((await readExtFile(`${image}.out`, path)).toString()).toBe(
          "ignition.platform.id=aws".padEnd(length, "\0"),
        );
    });

    test("what is no slot, or too small, is refused by name", async () => {
      const tree = `${folder}/odd`;
      writeTree(tree, { "small.txt": "0123456789", "holes.bin": "", "folder/file": "" });
      truncateSync(`${tree}/holes.bin`, 40_000);
      const image = `${folder}/refused`;
      await makeExt(image, { options: ["-t", "ext4"], tree });
      await debugfs(image, ["write /dev/null aside.bin", "set_inode_field aside.bin size 8192"], {
        write: true,
      });
      await debugfs(image, ["fallocate aside.bin 0 1"], { write: true });
      const refused = async (edit: Edit): Promise<unknown> => {
        return await editImage(editor, image, [edit]).then(
          () => "filled",
          (error: unknown) => error,
        );
      };
      expect(await refused(fill({ path: "/small.txt", end: bytesOf("\n") }))).toMatchObject({
        code: "BOOTFS_SLOT_FULL",
        message: "the slot /small.txt has 10 bytes: 24 bytes and an end of 1 are 15 too many",
        fields: { excess: 15, edit: 0 },
      });
      for (const path of ["/holes.bin", "/aside.bin"]) {
        expect(await refused(fill({ path }))).toMatchObject({
          code: "BOOTFS_NOT_A_SLOT",
          message: expect.stringContaining(path),
        });
      }
      expect(await refused(fill({ path: "/folder" }))).toMatchObject({ code: "BOOTFS_IS_DIRECTORY" });
      expect(await refused(fill({ path: "/none" }))).toMatchObject({ code: "BOOTFS_NOT_FOUND" });
      expect(await refused(fill({ path: "/small.txt", pad: 256 }))).toMatchObject({ code: "BOOTFS_RANGE" });
    });
  },
);
