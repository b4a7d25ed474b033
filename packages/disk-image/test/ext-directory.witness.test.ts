// ext4 file systems made of directories, held against e2fsck, debugfs and our own reader.
import { chmodSync, linkSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openFileSystem } from "@bootstamp/bootfs";
import { FileSource } from "@bootstamp/byte-source";
import { assembleImage, type DirectoryContent, type DiskContent } from "@bootstamp/disk-image";
import { copyRange, debugfs, e2fsck, requires, run, sgdiskVerify } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { clock, gptOf, mebibyte, noise, readRange, scratchFolder, writeTree } from "./support.ts";

// A name that e2fsprogs would take for one with options.
const scratch = scratchFolder("ext");
const folder = join(scratch, "what? a name");
const table = gptOf(512, [
  ["esp", 1],
  ["linux-generic", 24],
  ["root-x86-64", 8],
]);
const place = { offset: 2 * mebibyte, length: 24 * mebibyte };
const uuid = "96d15588-3596-4b3c-adca-a2ff7279ea63";

/** The same files, made in another order and at other times. */
function makeTree(path: string, reversed: boolean): string {
  const files = Object.entries({
    "grub2/grub.cfg": "set timeout=1\n",
    "loader.1/entries/x.conf": "options quiet\n",
    loader: "-> loader.1",
    "long-link": `-> ${"x/".repeat(60)}x`,
    vmlinuz: noise(3 * mebibyte),
    "empty/": "",
    secret: "0600",
    ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`many/file-${index}`, `${index}`])),
  });
  writeTree(path, Object.fromEntries(reversed ? files.toReversed() : files));
  linkSync(join(path, "vmlinuz"), join(path, "vmlinuz.old"));
  chmodSync(join(path, "secret"), 0o600);
  chmodSync(join(path, "grub2"), 0o700);
  utimesSync(join(path, "secret"), reversed ? 1 : 2, 3);
  return path;
}

async function build(tree: string, name: string, change: Partial<DirectoryContent> = {}): Promise<string> {
  const content: DirectoryContent = {
    kind: "directory",
    path: tree,
    fileSystem: "ext4",
    label: "boot",
    uuid,
    ...change,
  };
  mkdirSync(folder, { recursive: true });
  const around = join(folder, "around.bin");
  writeFileSync(around, noise(mebibyte, 5));
  const output = join(folder, name);
  await assembleImage({
    table,
    contents: new Map<number, DiskContent>([
      [1, { kind: "image", path: around }],
      [2, content],
      [3, { kind: "image", path: around }],
    ]),
    output,
    clock,
  });
  return output;
}

describe("an ext4 of a directory", requires("mke2fs", "debugfs", "dumpe2fs", "e2fsck", "sgdisk"), () => {
  test("is clean, in its place, and has the files with their modes, links and fixed times", async () => {
    const path = await build(makeTree(join(folder, "tree"), false), "one.img");
    await sgdiskVerify(path);
    const copy = join(scratch, "copy.ext4");
    await copyRange(path, place, copy);
    await e2fsck(copy);
    const image = FileSource.open(path);
    const view = await openFileSystem(image, place);
    expect(view.identity).toMatchObject({
      kind: "ext4",
      label: "boot",
      uuid,
      blockLength: 4096,
      length: place.length,
    });
    expect(view.stat("/secret")).toMatchObject({ mode: 0o600, uid: 0, gid: 0, modified: clock });
    expect(view.stat("/grub2")).toMatchObject({ mode: 0o700, uid: 0, gid: 0, modified: clock });
    expect(view.readLink("/loader")).toBe("loader.1");
    expect(view.readLink("/long-link")).toBe(`${"x/".repeat(60)}x`);
    expect(Buffer.compare(view.read("/vmlinuz.old"), noise(3 * mebibyte))).toBe(0);
    expect(view.list("/many")).toHaveLength(302 - 2);
    image.close();
    const inode = await debugfs(copy, ["stat /vmlinuz"]);
    expect(inode).toMatch(/Links: 2/);
    expect(inode.match(/time: 0x6553f100/g)).toHaveLength(4);
    // What lies before and behind it was not touched.
    for (const offset of [mebibyte, 26 * mebibyte]) {
      expect(Buffer.compare(readRange(path, offset, mebibyte), noise(mebibyte, 5))).toBe(0);
    }
  });

  test("is the same for the same files, whatever made them, and keeps owners only if asked", async () => {
    const one = await build(makeTree(join(folder, "tree"), false), "one.img");
    const two = await build(makeTree(join(folder, "another tree"), true), "two.img");
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    await run("chown", ["-R", "12:34", join(folder, "tree")], { statuses: [0, 1] });
    const three = await build(join(folder, "tree"), "three.img");
    expect(readFileSync(one).equals(readFileSync(three))).toBe(true);
    const kept = FileSource.open(await build(join(folder, "tree"), "four.img", { keepOwners: true }));
    const view = await openFileSystem(kept, place);
    const owner = await run("stat", ["-c", "%u %g", join(folder, "tree", "secret")]);
    const { uid, gid } = view.stat("/secret");
    expect(`${uid} ${gid}\n`).toBe(owner);
    kept.close();
  });

  test("too large for its partition says how many bytes are missing, before and while it is made", async () => {
    const large = writeTree(join(folder, "large"), { a: noise(25 * mebibyte) });
    await expect(build(large, "no.img")).rejects.toMatchObject({
      code: "DISK_CONTENT_TOO_LARGE",
      message: expect.stringMatching(/partition 2, from .*: at least 1,\d{3},\d{3} bytes are missing/),
    });
    const close = writeTree(join(folder, "close"), { a: noise(23 * mebibyte) });
    await expect(build(close, "no.img")).rejects.toMatchObject({
      code: "DISK_CONTENT_TOO_LARGE",
      message: expect.stringMatching(/about [3-5],\d{3},\d{3} bytes are missing/),
    });
  });

  test("what mke2fs says is passed on", async () => {
    const tree = writeTree(join(folder, "plain"), { a: "a" });
    const tiny = gptOf(512, [["linux-generic", 1]]);
    const [partition] = tiny.partitions;
    if (partition === undefined) throw new Error("no partition");
    const partitions = [{ ...partition, length: 16_384 }];
    const content = { kind: "directory", path: tree, fileSystem: "ext4" } as const;
    const running = assembleImage({
      table: { ...tiny, partitions },
      contents: new Map([[1, content]]),
      output: join(folder, "no.img"),
      clock,
    });
    await expect(running).rejects.toMatchObject({ code: expect.stringMatching(/^DISK_/) });
  });
});
