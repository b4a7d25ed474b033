// What must not be edited, made by the tools themselves or by a kernel that was interrupted.
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { debugfs, e2fsck, requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { bytesOf, editImage, lengthOf, sharedEditor } from "./support/edit-image.ts";
import { mountsExt, whileMounted } from "./support/loop-mount.ts";
import { makeExt } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("ext-preflight");
const editor = sharedEditor(1);
const write = [{ verb: "write", path: "/x", content: bytesOf("x") }] as const;

async function refused(path: string, length = lengthOf(path)): Promise<{ code: string; message: string }> {
  const before = readFileSync(path);
  const error: unknown = await editImage(editor, path, write, { region: { offset: 0, length } }).catch(
    (thrown: unknown) => thrown,
  );
  expect(readFileSync(path).equals(before)).toBe(true);
  return error as { code: string; message: string };
}

describe("what must not be edited", requires("mke2fs", "debugfs", "tune2fs"), () => {
  test("a journal that waits to be replayed", mountsExt, async () => {
    const image = `${folder}/dirty.img`;
    await makeExt(image, { options: ["-t", "ext4"] });
    whileMounted(image, `${folder}/mount`, (mounted) => {
      writeFileSync(`${mounted}/file`, "written");
      // As somebody would who copies the disk of a running machine.
      copyFileSync(image, `${folder}/copied.img`);
    });
    // The reason for our own check: this one skips the journal and finds nothing wrong.
    await e2fsck(`${folder}/copied.img`);
    const { code, message } = await refused(`${folder}/copied.img`);
    expect(code).toBe("BOOTFS_DIRTY_JOURNAL");
    expect(message).toMatch(/journal.*e2fsck -fy/);
    await run("e2fsck", ["-fy", `${folder}/copied.img`], { statuses: [0, 1] });
    await expect(editImage(editor, `${folder}/copied.img`, write)).resolves.toBeDefined();
  });

  test.each([
    ["BOOTFS_DIRTY_JOURNAL", "feature needs_recovery", /needs_recovery/],
    ["BOOTFS_HAS_ERRORS", "set_super_value state 3", /error flag/],
    ["BOOTFS_NOT_CLEAN", "set_super_value state 0", /not cleanly unmounted/],
    ["BOOTFS_ORPHANS", "set_super_value last_orphan 12", /orphans/],
    ["BOOTFS_ORPHANS", "feature orphan_present", /orphans/],
    ["BOOTFS_FEATURE", "feature FEATURE_I31", /unknown incompat feature 0x80000000/],
    ["BOOTFS_FEATURE", "feature FEATURE_R30", /unknown ro_compat feature 0x40000000/],
    ["BOOTFS_FEATURE", "feature FEATURE_C29", /unknown compat feature 0x20000000/],
    ["BOOTFS_FEATURE", "feature read-only", /read-only/],
    ["BOOTFS_FEATURE", "feature shared_blocks", /shared_blocks/],
  ])("%s: %s", async (code, command, message) => {
    const image = `${folder}/super.img`;
    await makeExt(image, { options: ["-t", "ext4"] });
    await debugfs(image, [command], { write: true });
    expect(await refused(image)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each([
    ["quota", ["-O", "quota"]],
    ["project", ["-O", "quota,project", "-I", "256"]],
    ["inline_data", ["-O", "inline_data"]],
    ["bigalloc", ["-O", "bigalloc"]],
    ["casefold", ["-O", "casefold", "-E", "encoding=utf8"]],
    ["verity", ["-O", "verity"]],
    ["mmp", ["-O", "mmp"]],
    ["ea_inode", ["-O", "ea_inode"]],
  ])("the feature %s, by its name", async (name, options) => {
    const image = `${folder}/feature.img`;
    await makeExt(image, { options: ["-t", "ext4", ...options] });
    expect(await refused(image)).toMatchObject({
      code: "BOOTFS_FEATURE",
      message: expect.stringContaining(name),
    });
  });

  test("several features at once, all by name", async () => {
    const image = `${folder}/features.img`;
    await makeExt(image, { options: ["-t", "ext4", "-O", "quota,inline_data"] });
    expect((await refused(image)).message).toMatch(/inline_data, quota/);
  });

  test("a journal on a device of its own", async () => {
    const image = `${folder}/journal.img`;
    await makeExt(image, { options: ["-O", "journal_dev"] });
    expect(await refused(image)).toMatchObject({
      code: "BOOTFS_UNSUPPORTED_FILE_SYSTEM",
      message: expect.stringContaining("ext-journal"),
    });
  });

  test("blocks longer than a page", async () => {
    const image = `${folder}/blocks.img`;
    await makeExt(image, { options: ["-t", "ext4", "-b", "16384"], length: 64 << 20 });
    expect(await refused(image)).toMatchObject({
      code: "BOOTFS_FEATURE",
      message: expect.stringContaining("16384"),
    });
  });

  test("a file system that is longer than its region", async () => {
    const image = `${folder}/cut.img`;
    await makeExt(image, { options: ["-t", "ext4"], length: 16 << 20 });
    expect(await refused(image, (16 << 20) - 4096)).toMatchObject({
      code: "BOOTFS_TRUNCATED",
      message: expect.stringMatching(/16777216 bytes.*16773120/),
    });
  });

  test("a superblock whose checksum is wrong", async () => {
    const image = `${folder}/checksum.img`;
    await makeExt(image, { options: ["-t", "ext4"] });
    const bytes = readFileSync(image);
    bytes[1024 + 0x90] = (bytes[1024 + 0x90] ?? 0) ^ 1;
    writeFileSync(image, bytes);
    expect(await refused(image)).toMatchObject({
      code: "BOOTFS_CORRUPT",
      message: expect.stringMatching(/checksum.*got 0x[0-9a-f]{8}, expected 0x[0-9a-f]{8}/),
    });
  });

  test("an inode whose checksum is wrong", async () => {
    const image = `${folder}/inode.img`;
    await makeExt(image, { options: ["-t", "ext4"] });
    const [, block = ""] = /located at block (\d+)/.exec(await debugfs(image, ["imap <2>"])) ?? [];
    const [, offset = ""] = /offset 0x([0-9a-f]+)/.exec(await debugfs(image, ["imap <2>"])) ?? [];
    const bytes = readFileSync(image);
    const at = Number(block) * 1024 + Number.parseInt(offset, 16) + 8;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(image, bytes);
    expect(await refused(image)).toMatchObject({
      code: "BOOTFS_CORRUPT",
      message: expect.stringMatching(/inode 2,/),
    });
  });
});

/** A file of zeros that a tool has formatted. */
async function foreign(
  name: string,
  command: string,
  args: readonly string[],
  length: number,
): Promise<string> {
  const image = `${folder}/${name}.img`;
  writeFileSync(image, "");
  truncateSync(image, length);
  await run(command, [...args, image]);
  return image;
}

describe("foreign file systems", () => {
  for (const [name, command, args, length] of [
    ["xfs", "mkfs.xfs", ["-q"], 320 << 20],
    ["btrfs", "mkfs.btrfs", ["-q"], 128 << 20],
    ["ntfs", "mkfs.ntfs", ["-q", "-f", "-F"], 16 << 20],
    ["exfat", "mkfs.exfat", [], 16 << 20],
    ["swap", "mkswap", ["-q"], 16 << 20],
  ] as const) {
    test(`${name} by its name`, requires(command), async () => {
      const image = await foreign(name, command, args, length);
      expect(await refused(image)).toMatchObject({
        code: "BOOTFS_UNSUPPORTED_FILE_SYSTEM",
        message: expect.stringContaining(name),
      });
    });
  }

  test("nothing at all", async () => {
    const image = `${folder}/nothing.img`;
    writeFileSync(image, new Uint8Array(1 << 20));
    expect(await refused(image)).toMatchObject({
      code: "BOOTFS_UNSUPPORTED_FILE_SYSTEM",
      message: expect.stringContaining("no file system that is known"),
    });
  });
});
