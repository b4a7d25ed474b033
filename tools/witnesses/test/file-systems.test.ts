import { mkdtemp, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  copyRange,
  debugfs,
  e2fsck,
  fsckVfat,
  mtools,
  readExtFile,
  readFatFile,
  requires,
  run,
  sfdiskVerify,
  sgdiskVerify,
} from "@bootstamp/witnesses";
import { afterAll, beforeAll, expect, test } from "vitest";

const offset = 1 << 20;
const length = 4 << 20;
let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "file-systems-"));
});

afterAll(() => rm(folder, { recursive: true }));

/** Puts a partition's file behind one MiB of zeros. */
async function embed(partition: string, image: string): Promise<void> {
  await writeFile(image, Buffer.concat([Buffer.alloc(offset), await readFile(partition)]));
}

async function damage(image: string, position: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(image, "r+");
  await file.write(bytes, 0, bytes.length, position);
}

test("ext: checks, reads and writes at an offset", requires("mke2fs", "e2fsck", "debugfs"), async () => {
  await writeFile(at("ext.part"), "");
  await truncate(at("ext.part"), length);
  await run("mke2fs", ["-q", "-t", "ext4", at("ext.part")]);
  await embed(at("ext.part"), at("ext.img"));
  await writeFile(at("content"), "hello\n");
  await debugfs(at("ext.img"), [`write "${at("content")}" "a file"`], { offset, write: true });
  expect(await e2fsck(at("ext.img"), offset)).toContain("12/");
  expect(await debugfs(at("ext.img"), ["ls -p /"], { offset })).toContain("/a file/");
  expect((await readExtFile(at("ext.img"), "/a file", offset)).toString()).toBe("hello\n");
  await expect(readExtFile(at("ext.img"), "/gone", offset)).rejects.toThrow(/File not found/);
  await damage(at("ext.img"), offset + 1024 + 12, Buffer.of(9, 9));
  await expect(e2fsck(at("ext.img"), offset)).rejects.toThrow(/exited with [48]/);
});

test("FAT: checks, reads and writes at an offset", requires("mkfs.vfat", "fsck.vfat", "mcopy"), async () => {
  await writeFile(at("fat.part"), "");
  await truncate(at("fat.part"), length);
  await run("mkfs.vfat", ["--invariant", at("fat.part")]);
  await embed(at("fat.part"), at("fat.img"));
  await writeFile(at("content"), "hello\n");
  await mtools("mcopy", at("fat.img"), offset, [at("content"), "::a long name.text"]);
  expect(await fsckVfat(at("fat.img"), { offset, length })).toContain("1 files");
  expect((await readFatFile(at("fat.img"), "/a long name.text", offset)).toString()).toBe("hello\n");
  await expect(readFatFile(at("fat.img"), "/gone", offset)).rejects.toThrow(/not found/);
  // The media byte of the second FAT's first entry: the two FATs now differ.
  await copyRange(at("fat.img"), { offset, length }, at("fat.damaged"));
  const sectorsPerFat = (await readFile(at("fat.damaged"))).readUInt16LE(22);
  const reserved = (await readFile(at("fat.damaged"))).readUInt16LE(14);
  await damage(at("fat.damaged"), (reserved + sectorsPerFat) * 512 + 3, Buffer.of(7));
  await expect(fsckVfat(at("fat.damaged"))).rejects.toThrow(/FATs differ/);
});

test(
  "partition tables: accepts a right GPT and refuses a damaged one",
  requires("sfdisk", "sgdisk"),
  async () => {
    await writeFile(at("gpt.img"), "");
    await truncate(at("gpt.img"), 2 * length);
    await run("sfdisk", [at("gpt.img")], { input: "label: gpt\nsize=2MiB\n" });
    expect(await sfdiskVerify(at("gpt.img"))).toContain("No errors");
    expect(await sgdiskVerify(at("gpt.img"))).toContain("No problems");
    await damage(at("gpt.img"), 2 * 512 + 3, Buffer.of(1));
    await expect(sgdiskVerify(at("gpt.img"))).rejects.toThrow(/CRC|problem/i);
  },
);

test("copyRange leaves holes for zeros and refuses a range past the end", async () => {
  const source = Buffer.alloc(5 << 20);
  source.write("x", 3 << 20);
  await writeFile(at("source"), source);
  await copyRange(at("source"), { offset: 7, length: (4 << 20) - 3 }, at("copy"));
  expect((await readFile(at("copy"))).equals(source.subarray(7, (4 << 20) + 4))).toBe(true);
  await using copy = await open(at("copy"));
  expect((await copy.stat()).blocks * 512).toBeLessThan(2 << 20);
  await expect(copyRange(at("source"), { offset: 1, length: 5 << 20 }, at("copy"))).rejects.toThrow(
    /ends at/,
  );
});
