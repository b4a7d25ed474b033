// Reading without the libraries, held against debugfs, blkid and mtools.
import { readFileSync, symlinkSync } from "node:fs";
import { openFileSystem, type FileExtent, type FileSystemView } from "@bootstamp/bootfs";
import { FileSource } from "@bootstamp/byte-source";
import { debugfs, requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { lengthOf, noise } from "./support/edit-image.ts";
import { madeAt, makeExt, makeFat, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("view");
const files = {
  empty: "",
  "short.txt": "short\n",
  "folder/long.bin": noise(3_000_000),
  "folder/inner/x": "x",
};

async function view(path: string): Promise<FileSystemView> {
  return await openFileSystem(FileSource.open(path), { offset: 0, length: lengthOf(path) });
}

function bytesAt(path: string, extents: readonly FileExtent[]): Buffer {
  const image = readFileSync(path);
  return Buffer.concat(
    extents.map(({ offset, length }) =>
      offset === undefined ? new Uint8Array(length) : image.subarray(offset, offset + length),
    ),
  );
}

async function blkid(path: string): Promise<Record<string, string>> {
  const printed = await run("blkid", ["--probe", "--output", "export", path]);
  return Object.fromEntries(
    [...printed.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = "", value = ""]) => [key, value]),
  );
}

describe("reading", requires("mke2fs", "mkfs.vfat", "mcopy", "debugfs", "blkid"), () => {
  test.each([
    ["ext2", ["-t", "ext2", "-b", "1024"]],
    ["ext3", ["-t", "ext3", "-b", "2048"]],
    ["ext4", ["-t", "ext4", "-b", "4096"]],
    ["ext4", ["-t", "ext4", "-b", "1024", "-O", "^extent,^64bit"]],
    ["ext4", ["-t", "ext4", "-O", "bigalloc"]],
    ["ext4", ["-t", "ext4", "-O", "quota,ea_inode,casefold", "-E", "encoding=utf8"]],
    ["ext4", ["-t", "ext4", "-b", "16384"]],
  ])("%s made with %j", async (kind, options) => {
    const path = `${folder}/ext.img`;
    writeTree(`${folder}/tree`, files);
    symlinkSync("folder/inner", `${folder}/tree/link`);
    await makeExt(path, { options, tree: `${folder}/tree`, length: 32 << 20 });
    const fs = await view(path);
    const known = await blkid(path);
    expect(fs.identity).toMatchObject({ kind, label: known["LABEL"], uuid: known["UUID"], length: 32 << 20 });
    expect(known["TYPE"]).toBe(kind);
    const free = /Free blocks: +(\d+)/.exec(await debugfs(path, ["show_super_stats -h"]))?.[1];
    expect(fs.freeBytes()).toBe(Number(free) * fs.identity.blockLength);
    for (const [name, content] of Object.entries(files)) {
      expect(Buffer.from(fs.read(`/${name}`)).equals(Buffer.from(content))).toBe(true);
      expect(bytesAt(path, fs.extents(`/${name}`)).equals(Buffer.from(content))).toBe(true);
    }
    expect(fs.list("/link")).toEqual([{ name: "x", kind: "file" }]);
    const names = fs.list("/").map((entry) => `${entry.kind} ${entry.name}`);
    expect(names.toSorted()).toEqual([
      "directory folder",
      "directory lost+found",
      "file empty",
      "file short.txt",
      "link link",
    ]);
    expect(fs.stat("/link/x")).toMatchObject({ path: "/folder/inner/x", kind: "file", length: 1 });
    expect(fs.stat("/lost+found")).toMatchObject({ mode: 0o700, modified: madeAt });
  });

  test.each([
    ["fat12", ["-F", "12"]],
    ["fat16", ["-F", "16"]],
    ["fat32", ["-F", "32", "-s", "1"]],
  ])("%s made with %j", async (kind, options) => {
    const path = `${folder}/fat.img`;
    writeTree(`${folder}/tree`, files);
    await makeFat(path, { options, tree: `${folder}/tree`, length: 40 << 20 });
    const fs = await view(path);
    const known = await blkid(path);
    expect(fs.identity).toMatchObject({ kind, label: known["LABEL"], uuid: known["UUID"] });
    const free = /([\d ]+) bytes free/.exec(await run("mdir", ["-i", path, "::/"]))?.[1];
    expect(fs.freeBytes()).toBe(Number(free?.replaceAll(" ", "")));
    for (const [name, content] of Object.entries(files)) {
      expect(Buffer.from(fs.read(`/${name}`)).equals(Buffer.from(content))).toBe(true);
      expect(bytesAt(path, fs.extents(`/${name.toUpperCase()}`)).equals(Buffer.from(content))).toBe(true);
    }
    expect(
      fs
        .list("/")
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(["empty", "folder", "short.txt"]);
    expect(fs.stat("/FOLDER/INNER/X")).toMatchObject({ path: "/folder/inner/x", kind: "file", length: 1 });
  });

  test("a file system with a journal to replay can be looked at", async () => {
    const path = `${folder}/dirty.img`;
    await makeExt(path, { options: ["-t", "ext4"] });
    await debugfs(path, ["feature needs_recovery"], { write: true });
    expect((await view(path)).list("/")).toEqual([{ name: "lost+found", kind: "directory" }]);
  });

  test("a file inside its inode is refused by name", async () => {
    const path = `${folder}/inline.img`;
    writeTree(`${folder}/tree`, { tiny: "tiny" });
    await makeExt(path, { options: ["-t", "ext4", "-O", "inline_data"], tree: `${folder}/tree` });
    const fs = await view(path);
    expect(() => fs.read("/tiny")).toThrow(expect.objectContaining({ code: "BOOTFS_FEATURE" }));
  });

  test("a sparse file of any length is not read into memory", async () => {
    const path = `${folder}/sparse.img`;
    writeTree(`${folder}/tree`, { sparse: "x" });
    await makeExt(path, { options: ["-t", "ext4"], tree: `${folder}/tree` });
    await debugfs(path, [`set_inode_field /sparse size ${2 ** 40}`], { write: true });
    const fs = await view(path);
    expect(fs.extents("/sparse")).toEqual([
      { fileOffset: 0, offset: expect.any(Number), length: 1024 },
      { fileOffset: 1024, offset: undefined, length: 2 ** 40 - 1024 },
    ]);
    expect(() => fs.read("/sparse")).toThrow(expect.objectContaining({ code: "BOOTFS_TOO_LARGE" }));
  });
});
