// What FAT and FatFs are known for, one by one, and what must not be edited.
import { readFileSync, writeFileSync } from "node:fs";
import type { Edit, TreeEntry } from "@bootstamp/bootfs";
import { fsckVfat, mtools, readFatFile, requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { applyPatch, bytesOf, editImage, noise, sharedEditor } from "./support/edit-image.ts";
import { extractFat } from "./support/extract-tree.ts";
import { makeFat, writeTree, type FatOptions } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("fat-faults");
const editor = sharedEditor(1);
let count = 0;

async function image(options: FatOptions = {}): Promise<string> {
  const path = `${folder}/${count++}.img`;
  await makeFat(path, { options: ["-F", "16"], ...options });
  return path;
}

async function edited(path: string, edits: readonly Edit[], clock?: number): Promise<string> {
  const { patch } = await editImage(editor, path, edits, clock === undefined ? {} : { clock });
  applyPatch(path, patch, `${path}.out`);
  await fsckVfat(`${path}.out`);
  return `${path}.out`;
}

async function failure(path: string, edits: readonly Edit[], sectorLength = 512): Promise<unknown> {
  return await editImage(editor, path, edits, { sectorLength }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const write: Edit = { verb: "write", path: "/x", content: bytesOf("x") };

/** Where the first table starts. */
function tableOf(bytes: Buffer): number {
  return bytes.readUInt16LE(11) * bytes.readUInt16LE(14);
}

function fileEntry(name: string): TreeEntry {
  return { kind: "file", path: name, content: bytesOf(name), mode: 0o644 };
}

describe("FatFs", requires("mkfs.vfat", "fsck.vfat", "mcopy"), () => {
  test("names that FAT cannot keep are refused", async () => {
    const path = await image();
    const names = [
      'a"b',
      "a*b",
      "a:b",
      "a<b",
      "a>b",
      "a?b",
      "a\\b",
      "a|b",
      "a\u0001b",
      "a\u007fb",
      "a.",
      "a ",
      "x".repeat(256),
      "\ud800",
    ];
    for (const name of names) {
      expect(await failure(path, [{ ...write, path: `/${name}` }])).toMatchObject({ code: "BOOTFS_NAME" });
    }
    const out = await edited(path, [
      { ...write, path: `/${"y".repeat(255)}` },
      { ...write, path: "/.hidden" },
      { ...write, path: "/a b + c,;=[1].txt" },
    ]);
    expect([...(await extractFat(out, `${folder}/names`)).keys()]).toEqual([
      "/.hidden",
      "/a b + c,;=[1].txt",
      `/${"y".repeat(255)}`,
    ]);
  });

  test("a path longer than FatFs has room for is refused", async () => {
    const path = await image();
    const deep = `/${"d".repeat(200)}`.repeat(11);
    expect(await failure(path, [{ verb: "mkdir", path: deep }])).toMatchObject({
      code: "BOOTFS_NAME",
      message: expect.stringMatching(/path of 2211 bytes/),
    });
    await edited(path, [{ verb: "mkdir", path: `/${"d".repeat(200)}`.repeat(10) }]);
  });

  test("two names that differ in case are one file, and a tree that has both is refused", async () => {
    const path = await image();
    const out = await edited(path, [
      { verb: "write", path: "/Config.TXT", content: bytesOf("1") },
      { verb: "write", path: "/CONFIG.txt", content: bytesOf("2") },
    ]);
    expect([...(await extractFat(out, `${folder}/case`))]).toEqual([["/Config.TXT", "2"]]);
    expect(
      await failure(path, [{ verb: "copy-in", path: "/", entries: [fileEntry("a"), fileEntry("A")] }]),
    ).toMatchObject({
      code: "BOOTFS_NAME",
      message: expect.stringMatching(/"A" and "a" are one name/),
    });
  });

  test("a name of eight and three letters finds the long one", async () => {
    const path = await image();
    const out = await edited(path, [
      { verb: "write", path: "/a long name.text", content: bytesOf("1") },
      { verb: "append-line", path: "/ALONGN~1.TEX", line: "2" },
    ]);
    expect((await readFatFile(out, "/a long name.text")).toString()).toBe("1\n2\n");
  });

  test("owners and links are refused", async () => {
    const path = await image();
    const file: Edit = { verb: "write", path: "/x", content: bytesOf("x") };
    for (const edit of [
      { verb: "chown", path: "/x", uid: 0, gid: 0 },
      { verb: "link", path: "/l", target: "x" },
      { ...file, uid: 1000 },
      { verb: "mkdir", path: "/d", gid: 5 },
      { verb: "copy-in", path: "/c", entries: [{ kind: "link", path: "l", target: "x" }] },
      {
        verb: "copy-in",
        path: "/c",
        uid: 0,
        entries: [{ kind: "file", path: "f", content: bytesOf(""), mode: 0o644 }],
      },
    ] as const satisfies readonly Edit[]) {
      expect(await failure(path, [file, edit])).toMatchObject({
        code: "BOOTFS_NOT_POSSIBLE",
        fields: { edit: 1 },
      });
    }
  });

  test("a mode that lets nobody write is the attribute for that; nothing else is kept", async () => {
    const path = await image();
    const first = await edited(path, [
      { verb: "write", path: "/a", content: bytesOf("a"), mode: 0o400 },
      { verb: "write", path: "/b", content: bytesOf("b"), mode: 0o600 },
      { verb: "mkdir", path: "/d", mode: 0o500 },
    ]);
    expect(await mtools("mattrib", first, 0, ["::/a", "::/b", "::/d"])).toMatch(
      /R +::\/a\n[^R]*::\/b\n[^R]*::\/d\n/,
    );
    const second = await edited(first, [
      { verb: "append-line", path: "/a", line: "more" },
      { verb: "chmod", path: "/b", mode: 0o444 },
      { verb: "move", from: "/a", to: "/d/a" },
    ]);
    expect(await mtools("mattrib", second, 0, ["::/d/a", "::/b"])).toMatch(/R +::\/d\/a\n.*R +::\/b\n/);
    const third = await edited(second, [
      { verb: "delete", path: "/d" },
      { verb: "chmod", path: "/b", mode: 0o644 },
    ]);
    expect([...(await extractFat(third, `${folder}/modes`))]).toEqual([["/b", "b"]]);
    expect(await mtools("mattrib", third, 0, ["::/b"])).not.toMatch(/R/);
  });

  test("a full disk by the number of bytes missing, and one filled to the last cluster", async () => {
    const path = await image({ length: 6 << 20, options: ["-F", "12", "-s", "4"] });
    const { freeBytes } = await editImage(editor, path, []);
    const content = noise(freeBytes.before);
    expect(
      await failure(path, [{ verb: "write", path: "/f", content: noise(freeBytes.before + 1) }]),
    ).toMatchObject({
      code: "BOOTFS_NO_SPACE",
      message: expect.stringMatching(/\/f needs 2,048 bytes more/),
      fields: { edit: 0, missing: 2048 },
    });
    const out = await edited(path, [{ verb: "write", path: "/f", content }]);
    expect((await readFatFile(out, "/f")).equals(content)).toBe(true);
    expect(await failure(out, [{ verb: "write", path: "/g", content: noise(5000) }])).toMatchObject({
      code: "BOOTFS_NO_SPACE",
      fields: { missing: 6144 },
    });
    expect(await failure(out, [{ verb: "mkdir", path: "/d" }])).toMatchObject({ code: "BOOTFS_NO_SPACE" });
  });

  test("a file of 20 MiB, many times the memory that FatFs starts with", async () => {
    const path = await image({ length: 64 << 20, options: ["-F", "32", "-s", "1"] });
    const content = noise(20 << 20);
    const out = await edited(path, [{ verb: "write", path: "/large.bin", content }]);
    expect((await readFatFile(out, "/large.bin")).equals(content)).toBe(true);
  });

  test("a root directory that is full", async () => {
    const path = await image({ length: 4 << 20, options: ["-F", "12", "-r", "16"] });
    const edits = Array.from({ length: 20 }, (_, index) => ({ ...write, path: `/${index}` }));
    expect(await failure(path, edits)).toMatchObject({ code: "BOOTFS_NO_SPACE", fields: { path: "/15" } });
  });

  test("the rest of a last sector shows nothing of other files", async () => {
    const path = await image();
    const secret = "a secret of another file ".repeat(20);
    const out = await edited(path, [
      { verb: "write", path: "/secret", content: bytesOf(secret) },
      { verb: "write", path: "/short", content: bytesOf("short") },
    ]);
    const text = readFileSync(out).toString("latin1");
    expect(text.split("a secret of another file").length - 1).toBe(20);
    expect(text.slice(text.indexOf("short\0"), text.indexOf("short\0") + 512)).toBe(
      `short${"\0".repeat(507)}`,
    );
  });

  test("times are the clock's, in UTC, from 1980 to 2107", async () => {
    const path = await image();
    const listed = async (clock?: number): Promise<string> => {
      const out = await edited(path, [{ verb: "write", path: "/file.txt", content: bytesOf("x") }], clock);
      return /(\d{4}-\d\d-\d\d +\d+:\d\d)/.exec(await mtools("mdir", out, 0, ["::/file.txt"]))?.[1] ?? "";
    };
    expect(await listed(1_700_000_000)).toBe("2023-11-14  22:13");
    expect(await listed(4_000_000_000)).toBe("2096-10-02   7:06");
    expect(await listed(0)).toBe("1980-01-01   0:00");
    expect(await listed(5_000_000_000)).toBe("2107-12-31  23:59");
    // What the label says, which --invariant sets.
    expect(await listed()).toBe("2015-03-14   9:26");
  });
});

async function patched(
  options: FatOptions,
  place: number | { readonly table: number },
  change: (byte: number) => number,
): Promise<string> {
  const path = await image(options);
  const bytes = readFileSync(path);
  const offset = typeof place === "number" ? place : tableOf(bytes) + place.table;
  bytes[offset] = change(bytes[offset] ?? 0);
  writeFileSync(path, bytes);
  return path;
}

describe("FAT file systems that must not be edited", requires("mkfs.vfat", "fsck.vfat"), () => {
  const fat32: FatOptions = { options: ["-F", "32", "-s", "1"], length: 64 << 20 };

  test("one in use, by the mark of Linux and by that of the table", async () => {
    for (const path of [
      await patched({}, 37, (byte) => byte | 1),
      await patched(fat32, 65, (byte) => byte | 1),
      await patched({}, { table: 3 }, (byte) => byte & 0x7f),
      await patched(fat32, { table: 7 }, (byte) => byte & 0xf7),
    ]) {
      expect(await failure(path, [write])).toMatchObject({
        code: "BOOTFS_NOT_CLEAN",
        message: expect.stringContaining("fsck.vfat -a"),
      });
    }
  });

  test("one with hard errors", async () => {
    for (const path of [
      await patched({}, { table: 3 }, (byte) => byte & 0xbf),
      await patched(fat32, { table: 7 }, (byte) => byte & 0xfb),
      await patched({}, 37, (byte) => byte | 2),
    ]) {
      expect(await failure(path, [write])).toMatchObject({ code: "BOOTFS_HAS_ERRORS" });
    }
  });

  test("tables that do not mirror each other, and another version", async () => {
    expect(await failure(await patched(fat32, 40, () => 0x81), [write])).toMatchObject({
      code: "BOOTFS_FEATURE",
      message: expect.stringContaining("mirror"),
    });
    expect(await failure(await patched(fat32, 42, () => 1), [write])).toMatchObject({
      code: "BOOTFS_FEATURE",
    });
  });

  test("more tables than two, which Linux reads", async () => {
    const path = await image({ options: ["-F", "16", "-f", "3"], length: 16 << 20 });
    expect(await failure(path, [write])).toMatchObject({
      code: "BOOTFS_FEATURE",
      message: expect.stringContaining("it has 3 FATs, which is not supported"),
    });
  });

  test("a FAT32 with too few clusters, which FatFs would take for something else", async () => {
    const path = await image({ options: ["-F", "32", "-s", "1"], length: 16 << 20 });
    expect(await failure(path, [write])).toMatchObject({
      code: "BOOTFS_UNSUPPORTED_FILE_SYSTEM",
      message: expect.stringMatching(/only \d+ clusters, 65525 at least/),
    });
  });

  test("sectors shorter than the disk's", async () => {
    expect(await failure(await image(), [write], 4096)).toMatchObject({
      code: "BOOTFS_UNSUPPORTED_FILE_SYSTEM",
      message: expect.stringContaining("mkfs.vfat -S 4096"),
    });
  });

  test("one that is longer than its region", async () => {
    const path = await image();
    await run("truncate", ["-s", "-4096", path]);
    expect(await failure(path, [write])).toMatchObject({ code: "BOOTFS_TRUNCATED" });
  });

  test.each([
    ["in a circle", 2, "BOOTFS_WRITER_FAILED"],
    ["out of the table", 0xffee, "BOOTFS_CORRUPT"],
  ])("a chain that leads %s", async (_where, next, code) => {
    writeTree(`${folder}/tree`, { "file.bin": noise(20_000) });
    const path = await image({ options: ["-F", "16", "-s", "4"], tree: `${folder}/tree` });
    const bytes = readFileSync(path);
    // Each entry of two bytes names the next cluster; the file is in some of the first.
    for (let cluster = 2; cluster < 40; cluster++) bytes.writeUInt16LE(next, tableOf(bytes) + cluster * 2);
    writeFileSync(path, bytes);
    const error = await failure(path, [{ verb: "write", path: "/file.bin", content: noise(30_000, 2) }]);
    expect(error).toMatchObject({ code });
  });
});
