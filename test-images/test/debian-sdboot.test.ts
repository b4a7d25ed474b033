import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, partitionOf, recipes } from "@bootstamp/test-images";
import {
  digestFile,
  e2fsck,
  fsckVfat,
  mtools,
  readFatFile,
  requires,
  sfdiskVerify,
  sgdiskVerify,
} from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";

const name = "debian-sdboot";
const needs = requires(...recipes[name].tools(), "e2fsck", "fsck.vfat", "mdir", "sfdisk", "sgdisk");

// The first test to ask for an image also waits for its making, packages included.
describe("debian-sdboot", { ...needs, timeout: 600_000 }, () => {
  test("sfdisk and sgdisk find no fault in the table", async () => {
    const { path } = await buildImage(name);
    expect(await sfdiskVerify(path)).toContain("No errors detected");
    expect(await sgdiskVerify(path)).toContain("No problems found");
  });

  test("fsck finds every file system clean", async () => {
    const image = await buildImage(name);
    expect(await fsckVfat(image.path, partitionOf(image, "esp"))).toContain("files");
    expect(await fsckVfat(image.path, partitionOf(image, "boot"))).toContain("files");
    expect(await e2fsck(image.path, partitionOf(image, "root").offset)).toMatch(/^root: \d+/m);
  });

  test("its boot partition holds entries and the kernel that they name", async () => {
    const image = await buildImage(name);
    const { offset } = partitionOf(image, "boot");
    const listing = await mtools("mdir", image.path, offset, ["-b", "::/loader/entries"]);
    const entries = listing
      .trimEnd()
      .split("\n")
      .map((line) => line.replace("::", ""));
    expect(entries).toHaveLength(2);
    const entry = (await readFatFile(image.path, entries[0] ?? "", offset)).toString();
    const linux = /^linux (.*)$/m.exec(entry)?.[1] ?? "";
    // The signature of a kernel that follows the x86 boot protocol.
    const kernel = await readFatFile(image.path, linux, offset);
    expect(kernel.toString("latin1", 0x202, 0x206)).toBe("HdrS");
  });

  test("two builds are the same", async () => {
    const { path } = await buildImage(name);
    const folder = await mkdtemp(join(tmpdir(), `${name}-`));
    try {
      const scratch = join(folder, "scratch");
      await mkdir(scratch);
      await recipes[name].build(join(folder, "disk.img"), scratch, {});
      expect(await digestFile(join(folder, "disk.img"))).toEqual(await digestFile(path));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
