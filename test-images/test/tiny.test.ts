import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, partitionOf, recipes, type RecipeOptions } from "@bootstamp/test-images";
import {
  e2fsck,
  fsckVfat,
  readExtFile,
  readFatFile,
  requires,
  sfdiskVerify,
  sgdiskVerify,
} from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

type TinyOptions = RecipeOptions["tiny"];

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tiny-"));
});

afterAll(() => rm(folder, { recursive: true }));

const boots = ["fat12", "fat16", "fat32", "ext4"] as const;
const shapes: readonly TinyOptions[] = [
  ...boots.map((boot) => ({ boot })),
  ...(["fat12", "fat16"] as const).map((boot) => ({ boot, sectorLength: 4096 as const })),
];

const toolsOf = (options: TinyOptions): readonly string[] => recipes.tiny.tools(options);

describe.each(shapes)("tiny %o", (options) => {
  const isExt = options.boot === "ext4";

  test(
    "fsck finds the boot partition clean",
    requires(...toolsOf(options), isExt ? "e2fsck" : "fsck.vfat"),
    async () => {
      const image = await buildImage("tiny", options);
      const { offset, length, fileSystem } = partitionOf(image, "boot");
      expect(fileSystem).toBe(options.boot);
      const check = isExt ? e2fsck(image.path, offset) : fsckVfat(image.path, { offset, length });
      expect(await check).toMatch(/\d+ files|\d+\/\d+ files/);
      const esp = partitionOf(image, "esp");
      expect(await fsckVfat(image.path, esp)).toContain("files");
    },
  );

  test(
    "its boot loader entries can be read",
    requires(...toolsOf(options), isExt ? "debugfs" : "mcopy"),
    async () => {
      const image = await buildImage("tiny", options);
      const { offset } = partitionOf(image, "boot");
      const read = isExt ? readExtFile : readFatFile;
      const entry = (await read(image.path, "/loader/entries/tiny-6.1.0-2.conf", offset)).toString();
      expect(entry).toContain("options root=LABEL=root ro quiet console=ttyS0\n");
      expect((await read(image.path, "/grub2/grubenv", offset)).length).toBe(1024);
    },
  );

  test("two builds are the same", requires(...toolsOf(options)), async () => {
    const digests = [];
    for (const name of ["first", "second"]) {
      const scratch = join(folder, name);
      // oxlint-disable-next-line no-await-in-loop
      await mkdir(scratch);
      // oxlint-disable-next-line no-await-in-loop
      await recipes.tiny.build(join(scratch, "disk.img"), scratch, options);
      // oxlint-disable-next-line no-await-in-loop
      digests.push(
        createHash("sha256")
          .update(await readFile(join(scratch, "disk.img")))
          .digest("hex"),
      );
      // oxlint-disable-next-line no-await-in-loop
      await rm(scratch, { recursive: true });
    }
    expect(digests[1]).toBe(digests[0]);
  });
});

test("sfdisk and sgdisk find no fault in the table", requires("sfdisk", "sgdisk"), async () => {
  const { path } = await buildImage("tiny");
  expect(await sfdiskVerify(path)).toContain("No errors detected");
  expect(await sgdiskVerify(path)).toContain("No problems found");
});

test("without options nothing but Node is needed", () => {
  expect(recipes.tiny.tools()).toEqual([]);
});
