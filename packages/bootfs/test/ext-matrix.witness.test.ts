// Every kind of ext file system that is let through, with every edit, held against e2fsck, debugfs and the kernel.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import type { Edit } from "@bootstamp/bootfs";
import { debugfs, e2fsck, requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { applyPatch, bytesOf, editImage, noise, sharedEditor } from "./support/edit-image.ts";
import { contentKey, extractExt, readTree } from "./support/extract-tree.ts";
import { mountsExt, whileMounted } from "./support/loop-mount.ts";
import { makeExt, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("ext-matrix");
const editor = sharedEditor();

const kinds: Readonly<Record<string, readonly string[]>> = {
  "ext2, 1 KiB blocks": ["-t", "ext2", "-b", "1024"],
  "ext2, 4 KiB blocks": ["-t", "ext2", "-b", "4096"],
  "ext3, 2 KiB blocks": ["-t", "ext3", "-b", "2048"],
  "ext4, 1 KiB blocks": ["-t", "ext4", "-b", "1024"],
  "ext4, 4 KiB blocks": ["-t", "ext4", "-b", "4096"],
  "ext4 without 64bit": ["-t", "ext4", "-O", "^64bit"],
  "ext4, seed of checksums": ["-t", "ext4", "-O", "metadata_csum_seed"],
  "ext4, file of orphans": ["-t", "ext4", "-O", "orphan_file"],
  "ext4 as of Debian 13": ["-t", "ext4", "-O", "metadata_csum_seed,orphan_file", "-b", "4096"],
  "ext4 without a journal": ["-t", "ext4", "-O", "^has_journal"],
  "ext4 with the old checksums": ["-t", "ext4", "-O", "^metadata_csum,uninit_bg"],
  "ext4 without checksums": ["-t", "ext4", "-O", "^metadata_csum"],
  "ext4, inodes of 128 bytes": ["-t", "ext4", "-I", "128"],
  "ext4 without extents": ["-t", "ext4", "-O", "^extent,^64bit"],
  "ext4, meta block groups": ["-t", "ext4", "-O", "meta_bg,^resize_inode", "-b", "1024"],
  "ext4, two backups": ["-t", "ext4", "-O", "sparse_super2,^resize_inode"],
  "ext4, large directories": ["-t", "ext4", "-O", "large_dir"],
  "ext4 that may hold encrypted files": ["-t", "ext4", "-O", "encrypt"],
  "ext4, fast commits": ["-t", "ext4", "-O", "fast_commit"],
  "ext4, small groups": ["-t", "ext4", "-b", "1024", "-g", "2048"],
};

const entry = "title A\nlinux /vmlinuz\noptions root=UUID=1 ro quiet\n";
const grubenv = `# GRUB Environment Block\nsaved_entry=0\n${"#".repeat(985)}`;

function makeTree(): string {
  const tree = `${folder}/tree`;
  writeTree(tree, {
    "loader.1/entries/a.conf": entry,
    "loader.1/entries/b.conf": entry.replace("title A", "title B"),
    "grub2/grubenv": grubenv,
    "same.txt": "as it is\n",
    "grows.bin": noise(1500),
    "shrinks.bin": noise(70_000, 2),
    "emptied.bin": noise(9000, 3),
    "gone/deep/x": "x",
    "gone/y": noise(30_000, 4),
    "moved.txt": "moved",
    "replaced.txt": "to be replaced",
    "directory/inside.txt": "inside",
    "many/.keep": "",
  });
  for (let index = 0; index < 400; index++)
    writeFileSync(`${tree}/many/a-rather-long-name-of-a-file-${index}`, "");
  mkdirSync(`${tree}/gone/empty`, { recursive: true });
  symlinkSync("loader.1", `${tree}/loader`);
  symlinkSync("/many", `${tree}/absolute`);
  return tree;
}

const big = noise(1_500_000, 5);
const longTarget = `/${"t".repeat(200)}`;
const edits: readonly Edit[] = [
  { verb: "write", path: "/new/deep/file.txt", content: bytesOf("new\n"), mode: 0o600, parentMode: 0o700 },
  { verb: "write", path: "/big.bin", content: big },
  { verb: "write", path: "/grows.bin", content: noise(20_000, 6) },
  { verb: "write", path: "/shrinks.bin", content: noise(10, 7) },
  { verb: "write", path: "/emptied.bin", content: new Uint8Array() },
  { verb: "write", path: "/same.txt", content: bytesOf("as it is\n") },
  { verb: "append-line", path: "/loader/entries/a.conf", line: "# seen" },
  { verb: "kargs", append: ["ignition.platform.id=aws"], delete: ["quiet"] },
  { verb: "grubenv", set: { saved_entry: "1" } },
  { verb: "delete", path: "/gone" },
  { verb: "move", from: "/moved.txt", to: "/replaced.txt" },
  { verb: "move", from: "/directory", to: "/new/directory" },
  { verb: "mkdir", path: "/made/of/directories", mode: 0o750 },
  { verb: "link", path: "/short-link", target: "new/deep" },
  { verb: "link", path: "/long-link", target: longTarget },
  { verb: "write", path: "/short-link/through.txt", content: bytesOf("through a link") },
  { verb: "write", path: "/absolute/in-a-hash-tree", content: bytesOf("many") },
  { verb: "mkdir", path: "/many/directory" },
  { verb: "chmod", path: "/same.txt", mode: 0o4711 },
  { verb: "chown", path: "/same.txt", uid: 100_001, gid: 70_000 },
  {
    verb: "copy-in",
    path: "/copied",
    uid: 1000,
    gid: 1001,
    entries: [
      { kind: "directory", path: "", mode: 0o755 },
      { kind: "directory", path: "d", mode: 0o711 },
      { kind: "file", path: "d/f", content: noise(5000, 8), mode: 0o640 },
      { kind: "link", path: "d/l", target: "f" },
    ],
  },
];

/** What must come out; the 400 files are left out. */
const expected: ReadonlyMap<string, string> = new Map([
  ["/absolute", "-> /many"],
  ["/big.bin", contentKey(big)],
  ["/copied/", ""],
  ["/copied/d/", ""],
  ["/copied/d/f", contentKey(noise(5000, 8))],
  ["/copied/d/l", "-> f"],
  ["/emptied.bin", ""],
  ["/grows.bin", contentKey(noise(20_000, 6))],
  ["/grub2/", ""],
  ["/grub2/grubenv", grubenv.replace("saved_entry=0", "saved_entry=1")],
  ["/loader", "-> loader.1"],
  ["/loader.1/", ""],
  ["/loader.1/entries/", ""],
  [
    "/loader.1/entries/a.conf",
    "title A\nlinux /vmlinuz\noptions root=UUID=1 ro ignition.platform.id=aws\n# seen\n",
  ],
  ["/loader.1/entries/b.conf", "title B\nlinux /vmlinuz\noptions root=UUID=1 ro ignition.platform.id=aws\n"],
  ["/long-link", `-> ${longTarget}`],
  ["/made/", ""],
  ["/made/of/", ""],
  ["/made/of/directories/", ""],
  ["/many/", ""],
  ["/many/.keep", ""],
  ["/many/directory/", ""],
  ["/many/in-a-hash-tree", "many"],
  ["/new/", ""],
  ["/new/deep/", ""],
  ["/new/deep/file.txt", "new\n"],
  ["/new/deep/through.txt", "through a link"],
  ["/new/directory/", ""],
  ["/new/directory/inside.txt", "inside"],
  ["/replaced.txt", "moved"],
  ["/same.txt", "as it is\n"],
  ["/short-link", "-> new/deep"],
  ["/shrinks.bin", contentKey(noise(10, 7))],
]);

/** Mode, user and group by debugfs, which needs no rights to show them. */
const expectedOwnership: Readonly<Record<string, string>> = {
  "/same.txt": "04711 100001 70000",
  "/new": "0700 0 0",
  "/new/deep/file.txt": "0600 0 0",
  "/made/of/directories": "0750 0 0",
  "/big.bin": "0644 0 0",
  "/copied": "0755 1000 1001",
  "/copied/d": "0711 1000 1001",
  "/copied/d/f": "0640 1000 1001",
  "/copied/d/l": "0777 1000 1001",
};

async function ownership(image: string): Promise<Record<string, string>> {
  const paths = Object.keys(expectedOwnership);
  const printed = await debugfs(
    image,
    paths.map((path) => `stat ${path}`),
  );
  const found = [...printed.matchAll(/Mode: +(\d+)[^]*?User: +(\d+) +Group: +(\d+)/g)];
  return Object.fromEntries(
    found.map(([, mode, user, group], index) => [paths[index], `${mode} ${user} ${group}`]),
  );
}

function withoutMany(tree: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const kept = [...tree].filter(([path]) => !path.startsWith("/many/a-rather"));
  expect(tree.size - kept.length).toBe(400);
  return new Map(kept);
}

describe("ext", requires("mke2fs", "e2fsck", "debugfs"), () => {
  const tree = makeTree();

  test.each(Object.entries(kinds))("%s", async (name, options) => {
    const base = `${folder}/${name.replaceAll(/\W+/g, "-")}`;
    await makeExt(base, { options, tree });
    const { patch, freeBytes, reports } = await editImage(editor, base, edits);
    applyPatch(base, patch, `${base}.out`);
    await e2fsck(`${base}.out`);
    expect(withoutMany(await extractExt(`${base}.out`, `${base}.dump`))).toEqual(expected);
    expect(await ownership(`${base}.out`)).toEqual(expectedOwnership);
    expect(freeBytes.after).toBeLessThan(freeBytes.before);
    expect(reports).toHaveLength(edits.length);
    for (const run of patch) expect([run.offset % 4096, run.bytes.length % 4096]).toEqual([0, 0]);
  });

  test.each(Object.entries(kinds))("%s: the kernel reads and writes it", mountsExt, async (name, options) => {
    const base = `${folder}/kernel-${name.replaceAll(/\W+/g, "-")}`;
    await makeExt(base, { options, tree });
    const { patch } = await editImage(editor, base, edits);
    applyPatch(base, patch, `${base}.out`);
    const seen = whileMounted(`${base}.out`, `${folder}/mount`, (mounted) => {
      const before = readTree(mounted);
      writeFileSync(`${mounted}/new/deep/file.txt`, noise(50_000, 9));
      writeFileSync(`${mounted}/many/by-the-kernel`, "k");
      execFileSync("rm", ["-r", `${mounted}/copied`, `${mounted}/big.bin`]);
      return before;
    });
    expect(withoutMany(seen)).toEqual(expected);
    await e2fsck(`${base}.out`);
  });
});
