// Every kind of FAT file system with every edit that it can have, held against fsck.vfat, mtools and 7-Zip.
import type { Edit } from "@bootstamp/bootfs";
import { fsckVfat, mtools, requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { applyPatch, bytesOf, editImage, noise, sharedEditor } from "./support/edit-image.ts";
import { contentKey, extractFat, readTree } from "./support/extract-tree.ts";
import { makeFat, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("fat-matrix");
const editor = sharedEditor();

interface Kind {
  readonly length: number;
  readonly options: readonly string[];
  readonly kind: string;
}

const mebibyte = 1 << 20;
const kinds: Readonly<Record<string, Kind>> = {
  FAT12: { length: 4 * mebibyte, options: ["-F", "12"], kind: "fat12" },
  "FAT12, sectors of 4096 bytes": {
    length: 8 * mebibyte,
    options: ["-F", "12", "-S", "4096"],
    kind: "fat12",
  },
  "FAT12, one table": { length: 3 * mebibyte, options: ["-F", "12", "-f", "1"], kind: "fat12" },
  FAT16: { length: 16 * mebibyte, options: ["-F", "16"], kind: "fat16" },
  "FAT16, large clusters": { length: 300 * mebibyte, options: ["-F", "16", "-s", "64"], kind: "fat16" },
  "FAT16, sectors of 4096 bytes": {
    length: 64 * mebibyte,
    options: ["-F", "16", "-S", "4096", "-s", "1"],
    kind: "fat16",
  },
  FAT32: { length: 64 * mebibyte, options: ["-F", "32", "-s", "1"], kind: "fat32" },
  "FAT32, one table": { length: 64 * mebibyte, options: ["-F", "32", "-s", "1", "-f", "1"], kind: "fat32" },
  "FAT32, sectors of 4096 bytes": {
    length: 300 * mebibyte,
    options: ["-F", "32", "-S", "4096", "-s", "1"],
    kind: "fat32",
  },
};

const configTxt = "# a comment\r\n[all]\r\ngpu_mem=16\r\n";

function makeTree(): string {
  const tree = `${folder}/tree`;
  writeTree(tree, {
    "cmdline.txt": "console=serial0,115200 root=PARTUUID=1-02 quiet\n",
    "config.txt": configTxt,
    "same.txt": "as it is\n",
    "grows.bin": noise(1500),
    "shrinks.bin": noise(70_000, 2),
    "emptied.bin": noise(9000, 3),
    "gone/deep/x": "x",
    "gone/y": noise(30_000, 4),
    "moved.txt": "moved",
    "replaced.txt": "to be replaced",
    "directory/inside.txt": "inside",
    "MixedCase.TXT": "mixed",
    "loader/entries/Debian-6.1.0.conf": "title D\nlinux /v\noptions quiet\n",
  });
  return tree;
}

const big = noise(900_000, 5);
const edits: readonly Edit[] = [
  { verb: "write", path: "/new/deep/a long name of a file.text", content: bytesOf("new\n") },
  { verb: "write", path: "/big.bin", content: big },
  { verb: "write", path: "/grows.bin", content: noise(200_000, 6) },
  { verb: "write", path: "/shrinks.bin", content: noise(10, 7) },
  { verb: "write", path: "/emptied.bin", content: new Uint8Array() },
  { verb: "write", path: "/SAME.txt", content: bytesOf("as it is\n") },
  { verb: "write", path: "/mixedcase.txt", content: bytesOf("mixed no more") },
  { verb: "append-line", path: "/moved.txt", line: "and more" },
  { verb: "kargs", append: ["ignition.platform.id=aws"], delete: ["quiet"] },
  {
    verb: "config-txt",
    set: [
      { key: "gpu_mem", value: "32" },
      { key: "dtoverlay", value: "disable-bt" },
    ],
  },
  { verb: "delete", path: "/gone" },
  { verb: "move", from: "/moved.txt", to: "/replaced.txt" },
  { verb: "move", from: "/directory", to: "/new/directory" },
  { verb: "mkdir", path: "/made/of/directories" },
  { verb: "write", path: "/größe.ünï", content: bytesOf("letters") },
  { verb: "write", path: "/never.txt", content: bytesOf("to be changed"), mode: 0o444 },
  { verb: "write", path: "/NEVER.TXT", content: bytesOf("changed, still not to be") },
  {
    verb: "copy-in",
    path: "/copied",
    entries: [
      { kind: "directory", path: "", mode: 0o755 },
      { kind: "directory", path: "d", mode: 0o755 },
      ...Array.from({ length: 60 }, (_, index) => ({
        kind: "file" as const,
        path: `d/a name that takes many entries of the directory ${index}`,
        content: bytesOf(`${index}`),
        mode: 0o644,
      })),
    ],
  },
  { verb: "move", from: "/same.txt", to: "/Same.txt" },
];

const expected: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "/MixedCase.TXT": "mixed no more",
    "/Same.txt": "as it is\n",
    "/big.bin": contentKey(big),
    "/cmdline.txt": "console=serial0,115200 root=PARTUUID=1-02 ignition.platform.id=aws\n",
    "/config.txt": "# a comment\r\n[all]\r\ngpu_mem=32\r\ndtoverlay=disable-bt\r\n",
    "/copied/": "",
    "/copied/d/": "",
    ...Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [
        `/copied/d/a name that takes many entries of the directory ${index}`,
        `${index}`,
      ]),
    ),
    "/emptied.bin": "",
    "/größe.ünï": "letters",
    "/grows.bin": contentKey(noise(200_000, 6)),
    "/loader/": "",
    "/loader/entries/": "",
    "/loader/entries/Debian-6.1.0.conf": "title D\nlinux /v\noptions ignition.platform.id=aws\n",
    "/made/": "",
    "/made/of/": "",
    "/made/of/directories/": "",
    "/never.txt": "changed, still not to be",
    "/new/": "",
    "/new/deep/": "",
    "/new/deep/a long name of a file.text": "new\n",
    "/new/directory/": "",
    "/new/directory/inside.txt": "inside",
    "/replaced.txt": "movedand more\n".replace("movedand", "moved\nand"),
    "/shrinks.bin": contentKey(noise(10, 7)),
  }),
);

describe("FAT", requires("mkfs.vfat", "fsck.vfat", "mcopy", "mattrib", "7z"), () => {
  const tree = makeTree();

  test.each(Object.entries(kinds))("%s", async (name, { length, options, kind }) => {
    const base = `${folder}/${name.replaceAll(/\W+/g, "-")}`;
    await makeFat(base, { options, length, tree });
    const { patch, fileSystem } = await editImage(editor, base, edits);
    expect(fileSystem).toMatchObject({ kind, label: "BOOT", uuid: "1234-ABCD" });
    applyPatch(base, patch, `${base}.out`);
    await fsckVfat(`${base}.out`);
    expect(sorted(await extractFat(`${base}.out`, `${base}.dump`))).toEqual(sorted(expected));
    expect(await mtools("mattrib", `${base}.out`, 0, ["::/never.txt"])).toMatch(/R/);
    expect(await mtools("mattrib", `${base}.out`, 0, ["::/big.bin"])).not.toMatch(/R/);
    await run("7z", ["x", "-y", `-o${base}.7z`, `${base}.out`], { env: { LC_ALL: "C.UTF-8" } });
    expect(sorted(readTree(`${base}.7z`))).toEqual(sorted(expected));
  });
});

function sorted(tree: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...tree].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
