import { mkdirSync, symlinkSync } from "node:fs";
import { openFileSystem, type Edit } from "@bootstamp/bootfs";
import { FileSource } from "@bootstamp/byte-source";
import { e2fsck, readExtFile, requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { applyPatch, bytesOf, editImage, lengthOf, sharedEditor } from "./support/edit-image.ts";
import { makeExt, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("paths");
const editor = sharedEditor(1);

async function image(): Promise<string> {
  const tree = `${folder}/tree`;
  writeTree(tree, { "loader.1/entries/a.conf": "old", "etc/file": "x" });
  const links: readonly (readonly [string, string])[] = [
    ["loader", "loader.1"],
    ["boot", "."],
    ["absolute", "/loader/entries"],
    ["etc/up", "../../../../etc/../loader.1"],
    ["loop-a", "loop-b"],
    ["loop-b", "/loop-a"],
    ["self", "self/x"],
    ["dangling", "etc/made/by-link"],
    ["outside", "/../../../etc/passwd"],
    ["to-file", "etc/file"],
    ["empty-dots", ".//./etc/./"],
  ];
  for (const [name, target] of links) symlinkSync(target, `${tree}/${name}`);
  for (let index = 0; index < 45; index++)
    symlinkSync(index === 0 ? "etc/file" : `chain${index - 1}`, `${tree}/chain${index}`);
  mkdirSync(`${tree}/empty`);
  const path = `${folder}/image`;
  await makeExt(path, { options: ["-t", "ext4"], tree });
  return path;
}

describe("links inside the image", requires("mke2fs", "e2fsck", "debugfs"), async () => {
  const path = await image();
  const source = FileSource.open(path);
  const view = await openFileSystem(source, { offset: 0, length: lengthOf(path) });

  test.each([
    ["/loader/entries/a.conf", "/loader.1/entries/a.conf"],
    ["/boot/boot/boot/loader/entries/a.conf", "/loader.1/entries/a.conf"],
    ["/absolute/a.conf", "/loader.1/entries/a.conf"],
    ["/etc/up/entries", "/loader.1/entries"],
    ["/../../loader/./entries//a.conf/", "/loader.1/entries/a.conf"],
    ["/to-file", "/etc/file"],
    ["/empty-dots/file", "/etc/file"],
    ["/chain39", "/etc/file"],
    ["/loader/..", "/"],
    ["/", "/"],
  ])("%s leads to %s", (asked, found) => {
    expect(view.stat(asked).path).toBe(found);
  });

  test.each([
    ["/loop-a", "BOOTFS_LINK_LOOP", /more than 40 links, the last is \/loop-[ab]/],
    ["/self", "BOOTFS_LINK_LOOP", /\/self/],
    ["/chain44", "BOOTFS_LINK_LOOP", /\/chain/],
    ["/outside", "BOOTFS_NOT_FOUND", /there is no \/etc\/passwd/],
    ["/dangling", "BOOTFS_NOT_FOUND", /there is no \/etc\/made/],
    ["/to-file/x", "BOOTFS_NOT_DIRECTORY", /\/etc\/file is no directory/],
    ["/nothing/../etc/file", "BOOTFS_NOT_FOUND", /nothing/],
    ["relative", "BOOTFS_NAME", /does not start with a slash/],
  ])("%s is refused: %s", (asked, code, message) => {
    expect(() => view.stat(asked)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test("edits go through links, and a link that leads nowhere leads to what is made", async () => {
    const { patch, reports } = await editImage(editor, path, [
      { verb: "write", path: "/boot/loader/entries/a.conf", content: bytesOf("new") },
      { verb: "write", path: "/dangling", content: bytesOf("made") },
      { verb: "mkdir", path: "/absolute/sub" },
      { verb: "chmod", path: "/to-file", mode: 0o600 },
      { verb: "delete", path: "/outside" },
      { verb: "move", from: "/to-file", to: "/moved-link" },
      { verb: "link", path: "/loader", target: "loader.2" },
    ]);
    applyPatch(path, patch, `${path}.out`);
    await e2fsck(`${path}.out`);
    expect(reports.flatMap(({ files }) => files.map((file) => `${file.action} ${file.path}`))).toEqual([
      "changed /loader.1/entries/a.conf",
      "made /etc/made",
      "made /etc/made/by-link",
      "made /loader.1/entries/sub",
      "changed /etc/file",
      "removed /outside",
      "moved /moved-link",
      "changed /loader",
    ]);
    expect((await readExtFile(`${path}.out`, "/etc/made/by-link")).toString()).toBe("made");
    const after = await openFileSystem(FileSource.open(`${path}.out`), { offset: 0, length: lengthOf(path) });
    expect(after.readLink("/moved-link")).toBe("etc/file");
    expect(after.readLink("/loader")).toBe("loader.2");
    expect(() => after.readLink("/empty")).toThrow(/no link/);
  });

  test.each([
    ["BOOTFS_IS_DIRECTORY", { verb: "write", path: "/empty", content: bytesOf("x") }],
    ["BOOTFS_IS_DIRECTORY", { verb: "append-line", path: "/empty", line: "x" }],
    ["BOOTFS_IS_DIRECTORY", { verb: "link", path: "/empty", target: "x" }],
    ["BOOTFS_EXISTS", { verb: "move", from: "/etc/file", to: "/empty" }],
    ["BOOTFS_NOT_DIRECTORY", { verb: "write", path: "/etc/file/x", content: bytesOf("x") }],
    ["BOOTFS_NOT_DIRECTORY", { verb: "mkdir", path: "/etc/file" }],
    ["BOOTFS_NOT_FOUND", { verb: "append-line", path: "/no", line: "x" }],
    ["BOOTFS_NOT_FOUND", { verb: "delete", path: "/no" }],
    ["BOOTFS_NOT_FOUND", { verb: "move", from: "/no", to: "/x" }],
    ["BOOTFS_NOT_FOUND", { verb: "move", from: "/etc/file", to: "/no/x" }],
    ["BOOTFS_NOT_FOUND", { verb: "link", path: "/no/x", target: "y" }],
    ["BOOTFS_NOT_FOUND", { verb: "chmod", path: "/no", mode: 0o600 }],
    ["BOOTFS_NOT_FOUND", { verb: "grubenv", set: { a: "b" } }],
    ["BOOTFS_NOT_FOUND", { verb: "config-txt", set: [{ key: "a", value: "b" }] }],
    ["BOOTFS_LINK_LOOP", { verb: "write", path: "/loop-a", content: bytesOf("x") }],
    ["BOOTFS_NAME", { verb: "write", path: "relative", content: bytesOf("x") }],
    ["BOOTFS_NAME", { verb: "link", path: "/x", target: "" }],
    ["BOOTFS_RANGE", { verb: "chmod", path: "/etc", mode: 0o10000 }],
    ["BOOTFS_RANGE", { verb: "chown", path: "/etc", uid: -1, gid: 0 }],
    ["BOOTFS_RANGE", { verb: "write", path: "/x", content: bytesOf("x"), gid: 2 ** 32 - 1 }],
  ] as const satisfies readonly (readonly [string, Edit])[])("%s: %j", async (code, edit) => {
    await expect(editImage(editor, path, [edit])).rejects.toMatchObject({ code, fields: { edit: 0 } });
  });
});
