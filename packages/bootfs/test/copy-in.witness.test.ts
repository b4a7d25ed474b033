import type { Edit } from "@bootstamp/bootfs";
import { debugfs, e2fsck, fsckVfat, readExtFile, requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { applyPatch, bytesOf, editImage, sharedEditor } from "./support/edit-image.ts";
import { makeExt, makeFat, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("copy-in");
const editor = sharedEditor(1);

const tree: Edit = {
  verb: "copy-in",
  path: "/there",
  uid: 7,
  gid: 8,
  entries: [
    { kind: "directory", path: "", mode: 0o700 },
    { kind: "directory", path: "old", mode: 0o700 },
    { kind: "directory", path: "new", mode: 0o711 },
    { kind: "file", path: "old/file", content: bytesOf("replaced"), mode: 0o640 },
    { kind: "file", path: "new/file", content: bytesOf("new"), mode: 0o600 },
    { kind: "link", path: "link", target: "new" },
  ],
};

describe("copy-in", requires("mke2fs", "e2fsck", "debugfs", "mkfs.vfat", "fsck.vfat", "mcopy"), () => {
  test("merges into directories, which keep owner and mode, and replaces files", async () => {
    const image = `${folder}/ext`;
    writeTree(`${folder}/tree`, { "there/old/file": "old", "there/old/other": "kept" });
    await makeExt(image, { options: ["-t", "ext4"], tree: `${folder}/tree` });
    const { patch, reports } = await editImage(editor, image, [tree]);
    applyPatch(image, patch, `${image}.out`);
    await e2fsck(`${image}.out`);
    expect(reports[0]?.files.map(({ path, action }) => `${action} ${path}`)).toEqual([
      "made /there/new",
      "changed /there/old/file",
      "made /there/new/file",
      "made /there/link",
    ]);
    expect((await readExtFile(`${image}.out`, "/there/old/other")).toString()).toBe("kept");
    const printed = await debugfs(
      `${image}.out`,
      ["/there", "/there/old", "/there/new", "/there/old/file", "/there/new/file", "/there/link"].map(
        (path) => `stat ${path}`,
      ),
    );
    const found = [...printed.matchAll(/Mode: +(\d+)[^]*?User: +(\d+) +Group: +(\d+)/g)];
    const owners = found.map(([, mode, user, group]) => `${mode} ${user} ${group}`);
    expect(owners).toEqual(["0755 0 0", "0755 0 0", "0711 7 8", "0640 7 8", "0600 7 8", "0777 7 8"]);
  });

  test("a second time it changes nothing", async () => {
    const image = `${folder}/twice`;
    await makeExt(image, { options: ["-t", "ext4"] });
    const first = await editImage(editor, image, [tree]);
    applyPatch(image, first.patch, `${image}.out`);
    const second = await editImage(editor, `${image}.out`, [tree]);
    expect(second.patch).toEqual([]);
    expect(new Set(second.reports[0]?.files.map(({ action }) => action))).toEqual(new Set(["kept"]));
  });

  test("a link to a directory is followed, a file where a directory is to be refuses", async () => {
    const image = `${folder}/links`;
    await makeExt(image, { options: ["-t", "ext4"] });
    const { patch } = await editImage(editor, image, [
      { verb: "mkdir", path: "/real" },
      { verb: "link", path: "/there", target: "/real" },
      tree,
    ]);
    applyPatch(image, patch, `${image}.out`);
    await e2fsck(`${image}.out`);
    expect((await readExtFile(`${image}.out`, "/real/new/file")).toString()).toBe("new");
    const inTheWay: Edit = { verb: "write", path: "/there/new", content: bytesOf("a file") };
    await expect(editImage(editor, image, [inTheWay, tree])).rejects.toMatchObject({
      code: "BOOTFS_NOT_DIRECTORY",
    });
    for (const path of ["../out", "a/../b", "/absolute", "a//b", "."]) {
      const entries = [{ kind: "file", path, content: bytesOf("x"), mode: 0o644 }] as const;
      await expect(
        editImage(editor, image, [{ verb: "copy-in", path: "/d", entries }]),
      ).rejects.toMatchObject({
        code: "BOOTFS_NAME",
      });
    }
  });

  test("one file, on FAT, whose mode leaves nothing to change the second time", async () => {
    const image = `${folder}/fat`;
    await makeFat(image, { options: ["-F", "16"] });
    const one: Edit = {
      verb: "copy-in",
      path: "/boot/one.bin",
      entries: [{ kind: "file", path: "", content: bytesOf("one"), mode: 0o644 }],
    };
    const { patch, reports } = await editImage(editor, image, [one, one]);
    expect(reports.map(({ files }) => files.map(({ action, path }) => `${action} ${path}`))).toEqual([
      ["made /boot", "made /boot/one.bin"],
      ["kept /boot/one.bin"],
    ]);
    applyPatch(image, patch, `${image}.out`);
    await fsckVfat(`${image}.out`);
  });
});
