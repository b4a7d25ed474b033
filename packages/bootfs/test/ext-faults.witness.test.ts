// The known faults of libext2fs and of the package around it, one by one: none may show through.
import { execFileSync } from "node:child_process";
import { linkSync, readFileSync, writeFileSync } from "node:fs";
import { openFileSystem, type Edit } from "@bootstamp/bootfs";
import { FileSource } from "@bootstamp/byte-source";
import { debugfs, e2fsck, readExtFile, requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { applyPatch, bytesOf, editImage, lengthOf, noise, sharedEditor } from "./support/edit-image.ts";
import { extractExt } from "./support/extract-tree.ts";
import { mountsExt, whileMounted } from "./support/loop-mount.ts";
import { makeExt, writeTree, type ExtOptions } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("ext-faults");
const editor = sharedEditor(1);
let count = 0;

async function image(options: ExtOptions = {}): Promise<string> {
  const path = `${folder}/${count++}.img`;
  await makeExt(path, { options: ["-t", "ext4"], ...options });
  return path;
}

/** Edits into a copy, which e2fsck must find clean. */
async function edited(path: string, edits: readonly Edit[]): Promise<string> {
  const { patch } = await editImage(editor, path, edits);
  applyPatch(path, patch, `${path}.out`);
  await e2fsck(`${path}.out`);
  return `${path}.out`;
}

async function failure(path: string, edits: readonly Edit[]): Promise<unknown> {
  return await editImage(editor, path, edits).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Two blocks of 1 KiB. */
function twoBlocks(file: string, number: number): Buffer {
  return readFileSync(file).subarray(number * 1024, number * 1024 + 2048);
}

/** Few of these fit into a block of 1 KiB. */
function longName(index: number): string {
  return `/d/${String(index).padStart(3, "0")}${"n".repeat(200)}`;
}

/** Edits made by turns. */
function twentyFour(makers: readonly ((index: number) => Edit)[]): Edit[] {
  return Array.from({ length: 24 }, (_, index) => makers[index % makers.length]?.(index)).filter(
    (edit) => edit !== undefined,
  );
}

describe("libext2fs", requires("mke2fs", "e2fsck", "debugfs"), () => {
  test("bytes come out as they went in, and lines are added to what is there", async () => {
    const path = await image();
    const all = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    const out = await edited(path, [
      { verb: "write", path: "/bytes", content: all },
      { verb: "write", path: "/lines", content: bytesOf("one") },
      { verb: "append-line", path: "/lines", line: "two" },
      { verb: "append-line", path: "/lines", line: "three" },
    ]);
    expect((await readExtFile(out, "/bytes")).equals(all)).toBe(true);
    expect((await readExtFile(out, "/lines")).toString()).toBe("one\ntwo\nthree\n");
  });

  test.each([["1024"], ["4096"]])(
    "a file of 40 MiB in memory of 16 MiB, blocks of %s bytes",
    async (blockLength) => {
      const path = await image({ options: ["-t", "ext4", "-b", blockLength], length: 80 << 20 });
      const content = noise(40 << 20);
      const out = await edited(path, [{ verb: "write", path: "/large", content }]);
      expect((await readExtFile(out, "/large")).equals(content)).toBe(true);
    },
  );

  test("names of 255 bytes are kept, longer ones refused", async () => {
    const path = await image();
    const longest = "ä".repeat(127) + "x";
    const out = await edited(path, [
      { verb: "write", path: `/${longest}`, content: bytesOf("a") },
      { verb: "mkdir", path: `/d/${"y".repeat(255)}` },
    ]);
    expect([...(await extractExt(out, `${folder}/names`)).keys()]).toEqual([
      "/d/",
      `/d/${"y".repeat(255)}/`,
      `/${longest}`,
    ]);
    const long = `${longest}x`;
    const place = `/d/${long}`;
    const attempts: readonly Edit[] = [
      { verb: "write", path: place, content: bytesOf("a") },
      { verb: "write", path: `${place}/below`, content: bytesOf("a") },
      { verb: "mkdir", path: place },
      { verb: "move", from: "/d", to: `/${long}` },
      { verb: "link", path: `/${long}`, target: "d" },
      {
        verb: "copy-in",
        path: "/d",
        entries: [{ kind: "file", path: long, content: bytesOf("a"), mode: 0o644 }],
      },
      { verb: "write", path: "/nul\0", content: bytesOf("a") },
    ];
    for (const attempt of attempts) {
      expect(await failure(out, [{ verb: "mkdir", path: "/d" }, attempt])).toMatchObject({
        code: "BOOTFS_NAME",
        fields: { edit: 1 },
      });
    }
  });

  test("names that are not UTF-8 survive, and can be removed", mountsExt, async () => {
    const path = await image();
    whileMounted(path, `${folder}/mount`, (mounted) => {
      execFileSync("bash", ["-c", `mkdir "$0/d"; touch "$0/d/"$'\\xff\\xfe'"a"`, mounted]);
    });
    const view = await openFileSystem(FileSource.open(path), { offset: 0, length: lengthOf(path) });
    expect(view.list("/d")).toEqual([{ name: "\udcff\udcfea", kind: "file" }]);
    const moved = await edited(path, [{ verb: "move", from: "/d/\udcff\udcfea", to: "/d/b" }]);
    expect([...(await extractExt(moved, `${folder}/bytes`)).keys()]).toEqual(["/d/", "/d/b"]);
    await edited(path, [{ verb: "delete", path: "/d" }]);
  });

  test("reading changes nothing: no access time, no counter, no superblock", async () => {
    writeTree(`${folder}/tree`, { "loader/entries/a.conf": "linux /v\noptions quiet\n", x: "x" });
    const path = await image({ tree: `${folder}/tree` });
    const { patch, reports } = await editImage(editor, path, [
      { verb: "write", path: "/x", content: bytesOf("x") },
      { verb: "kargs", appendIfMissing: ["quiet"] },
      { verb: "mkdir", path: "/loader" },
      { verb: "chmod", path: "/x", mode: 0o644 },
      { verb: "chown", path: "/x", uid: 0, gid: 0 },
      { verb: "delete", path: "/nothing", missingOk: true },
    ]);
    expect(patch).toEqual([]);
    expect(reports.map(({ files }) => files.map(({ action }) => action))).toEqual([
      ["kept"],
      ["kept"],
      ["kept"],
      ["kept"],
      ["kept"],
      [],
    ]);
  });

  test("new content in as many blocks takes those blocks and the inode, nothing else", async () => {
    writeTree(`${folder}/tree`, { "one.txt": "old\n", "five.bin": noise(18_000) });
    const path = await image({ options: ["-t", "ext4", "-b", "4096"], tree: `${folder}/tree` });
    const { patch } = await editImage(editor, path, [
      { verb: "write", path: "/one.txt", content: bytesOf("new and longer\n") },
      { verb: "write", path: "/five.bin", content: noise(17_000) },
    ]);
    // The inodes are in one block; of the five, only the last changes.
    expect(patch.reduce((sum, { bytes }) => sum + bytes.length / 4096, 0)).toBe(3);
    applyPatch(path, patch, `${path}.out`);
    await e2fsck(`${path}.out`);
    expect((await readExtFile(`${path}.out`, "/five.bin")).equals(noise(17_000))).toBe(true);
  });

  test("copies of the superblock stay as they are", async () => {
    const path = await image({ options: ["-t", "ext4", "-b", "1024"], length: 32 << 20 });
    const { patch } = await editImage(editor, path, [
      { verb: "write", path: "/new", content: noise(100_000) },
    ]);
    applyPatch(path, patch, `${path}.out`);
    for (const backup of [8193, 24_577]) {
      expect(twoBlocks(path, backup).readUInt16LE(0x38)).toBe(0xef53);
      expect(twoBlocks(`${path}.out`, backup).equals(twoBlocks(path, backup))).toBe(true);
    }
  });

  test("a full disk, by the number of bytes missing, before and while it happens", async () => {
    const path = await image({ options: ["-t", "ext4", "-b", "1024", "-m", "0"], length: 8 << 20 });
    const { freeBytes } = await editImage(editor, path, []);
    const content = noise(freeBytes.before + 3 * 1024);
    const early = (await failure(path, [{ verb: "write", path: "/f", content }])) as {
      fields: { missing: number };
    };
    // 12 blocks are reached from the inode, the rest through blocks of 256 numbers.
    const blocks = content.length / 1024;
    const index = 1 + 1 + Math.ceil((blocks - 12 - 256) / 256);
    expect(early).toMatchObject({
      code: "BOOTFS_NO_SPACE",
      fields: { edit: 0, path: "/f", missing: (3 + index) * 1024 },
    });
    const late = await failure(path, [
      { verb: "write", path: "/a", content: noise(freeBytes.before - 100 * 1024) },
      { verb: "write", path: "/b", content: noise(90 * 1024) },
    ]);
    expect(late).toMatchObject({
      code: "BOOTFS_NO_SPACE",
      fields: { edit: 1, path: "/b" },
      message: expect.stringMatching(/\/b needs [\d,]+ bytes more/),
    });
    const tree = await failure(path, [
      {
        verb: "copy-in",
        path: "/t",
        entries: [
          { kind: "file", path: "a", content: noise(freeBytes.before / 2), mode: 0o644 },
          { kind: "file", path: "b", content: noise(freeBytes.before / 2 + 10_240), mode: 0o644 },
        ],
      },
    ]);
    expect(tree).toMatchObject({ code: "BOOTFS_NO_SPACE", fields: { missing: 10_240 } });
  });

  test("a disk that is filled to the last block is clean, and its numbers are right", async () => {
    const path = await image({ options: ["-t", "ext2", "-b", "1024", "-m", "0"], length: 4 << 20 });
    const { freeBytes } = await editImage(editor, path, []);
    let length = freeBytes.before;
    for (;;) {
      const error = (await failure(path, [{ verb: "write", path: "/f", content: noise(length) }])) as
        | { fields: { missing: number } }
        | undefined;
      if (error === undefined) break;
      length -= error.fields.missing;
    }
    expect(freeBytes.before - length).toBeLessThan(32 * 1024);
    const { patch, freeBytes: left } = await editImage(editor, path, [
      { verb: "write", path: "/f", content: noise(length) },
    ]);
    applyPatch(path, patch, `${path}.out`);
    await e2fsck(`${path}.out`);
    expect(left.after).toBe(0);
    expect(
      await failure(`${path}.out`, [{ verb: "write", path: "/g", content: bytesOf("g") }]),
    ).toMatchObject({
      code: "BOOTFS_NO_SPACE",
      fields: { missing: 1024 },
    });
    expect(await failure(`${path}.out`, [{ verb: "mkdir", path: "/d" }])).toMatchObject({
      code: "BOOTFS_NO_SPACE",
    });
  });

  test("no inode left", async () => {
    const path = await image({ options: ["-t", "ext4", "-N", "16"] });
    const edits = Array.from(
      { length: 20 },
      (_, index) => ({ verb: "write", path: `/${index}`, content: bytesOf("") }) as const,
    );
    expect(await failure(path, edits)).toMatchObject({
      code: "BOOTFS_NO_SPACE",
      message: expect.stringMatching(/inode/),
    });
  });

  test("after an error the next edit is as good as the first", async () => {
    const path = await image({ options: ["-t", "ext4", "-m", "0"], length: 4 << 20 });
    const edits = [{ verb: "write", path: "/x", content: bytesOf("x") }] as const;
    const first = await editImage(editor, path, edits);
    const tooMany = [
      { verb: "write", path: "/a", content: noise(2 << 20) },
      { verb: "write", path: "/b", content: noise(2 << 20) },
    ] as const;
    for (let round = 0; round < 3; round++) {
      expect(await failure(path, tooMany)).toMatchObject({ code: "BOOTFS_NO_SPACE" });
      expect(await editImage(editor, path, edits)).toEqual(first);
    }
  });

  test("directories, links, files and moves into a directory whose blocks are full", async () => {
    const path = await image({ options: ["-t", "ext4", "-b", "1024"] });
    const makers = [
      (index: number): Edit => ({ verb: "mkdir", path: longName(index) }),
      (index: number): Edit => ({ verb: "link", path: longName(index), target: "x" }),
      (index: number): Edit => ({ verb: "write", path: longName(index), content: bytesOf("") }),
    ];
    for (const verbs of [makers, ...makers.map((maker) => [maker])]) {
      const out = await edited(path, [{ verb: "mkdir", path: "/d" }, ...twentyFour(verbs)]);
      expect((await extractExt(out, `${folder}/full`)).size).toBe(25);
    }
    const moves = Array.from({ length: 24 }, (_, index): Edit[] => [
      { verb: "write", path: `/${index}`, content: bytesOf("") },
      { verb: "move", from: `/${index}`, to: longName(index) },
    ]);
    await edited(path, [{ verb: "mkdir", path: "/d" }, ...moves.flat()]);
  });

  test("a file with attributes in a block of their own goes away whole", async () => {
    writeTree(`${folder}/tree`, { "x/file": "content", "x/other": "content" });
    const path = await image({ options: ["-t", "ext4", "-I", "128"], tree: `${folder}/tree` });
    const value = "v".repeat(300);
    await debugfs(path, [`ea_set /x/file user.a ${value}`, `ea_set /x user.b ${value}`], { write: true });
    await e2fsck(path);
    await edited(path, [{ verb: "delete", path: "/x" }]);
    const kept = await edited(path, [{ verb: "write", path: "/x/file", content: noise(9000) }]);
    expect(await debugfs(kept, ["ea_get /x/file user.a"])).toContain(value);
  });

  test("of two names of one file, one is left", async () => {
    writeTree(`${folder}/tree`, { first: "shared" });
    linkSync(`${folder}/tree/first`, `${folder}/tree/second`);
    const path = await image({ tree: `${folder}/tree` });
    const out = await edited(path, [{ verb: "delete", path: "/first" }]);
    expect((await readExtFile(out, "/second")).toString()).toBe("shared");
    const written = await edited(path, [{ verb: "write", path: "/first", content: noise(5000) }]);
    expect((await readExtFile(written, "/second")).equals(noise(5000))).toBe(true);
    const moved = await edited(path, [{ verb: "move", from: "/first", to: "/second" }]);
    expect((await readExtFile(moved, "/second")).toString()).toBe("shared");
  });

  test("files with holes and with blocks set aside are replaced whole", mountsExt, async () => {
    const path = await image({ options: ["-t", "ext4", "-b", "1024"] });
    whileMounted(path, `${folder}/mount`, (mounted) => {
      execFileSync("fallocate", ["-l", "10000", `${mounted}/aside`]);
      execFileSync("truncate", ["-s", "10000", `${mounted}/hole`]);
      writeFileSync(`${mounted}/beyond`, noise(2000));
      execFileSync("fallocate", ["-l", "10000", "--keep-size", `${mounted}/beyond`]);
    });
    const view = await openFileSystem(FileSource.open(path), { offset: 0, length: lengthOf(path) });
    for (const name of ["/aside", "/hole"]) expect(view.read(name)).toEqual(new Uint8Array(10_000));
    expect(view.read("/beyond")).toEqual(noise(2000));
    for (const length of [10_000, 9999, 300, 20_000, 2000]) {
      const names = ["/aside", "/beyond", "/hole"];
      const out = await edited(
        path,
        names.map((name) => ({ verb: "write", path: name, content: noise(length, 3) }) as const),
      );
      for (const name of names) expect((await readExtFile(out, name)).equals(noise(length, 3))).toBe(true);
    }
  });

  test("a directory cannot be moved into itself, the root not at all", async () => {
    const path = await image();
    const make: Edit = { verb: "mkdir", path: "/a/b" };
    for (const edit of [
      { verb: "move", from: "/a", to: "/a/b/c" },
      { verb: "move", from: "/", to: "/x" },
      { verb: "delete", path: "/" },
    ] as const) {
      expect(await failure(path, [make, edit])).toMatchObject({
        code: "BOOTFS_NOT_POSSIBLE",
        fields: { edit: 1 },
      });
    }
  });

  test("a file system whose bitmaps do not fit is read, and refused where the writer is needed", async () => {
    writeTree(`${folder}/tree`, { "x.txt": "old" });
    // 2^27 blocks, nearly all of the file a hole.
    const path = await image({
      options: [
        "-t",
        "ext4",
        "-b",
        "1024",
        "-E",
        "lazy_itable_init=1,nodiscard",
        "-O",
        "^resize_inode",
        "-N",
        "200000",
      ],
      length: 2 ** 37,
      tree: `${folder}/tree`,
    });
    expect(await failure(path, [{ verb: "write", path: "/y", content: bytesOf("y") }])).toMatchObject({
      code: "BOOTFS_TOO_LARGE",
    });
    const { patch } = await editImage(editor, path, [
      { verb: "write", path: "/x.txt", content: bytesOf("new") },
    ]);
    expect(patch).toHaveLength(2);
  });
});
