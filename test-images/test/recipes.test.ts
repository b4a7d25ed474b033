import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildImage,
  partitionOf,
  recipes,
  type ImageInfo,
  type RecipeName,
  type RecipeOptions,
} from "@bootstamp/test-images";
import { digestFile, mtools, readExtFile, readFatFile, requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import type { ImageBuilder } from "../src/image-cache.ts";
import { checkFileSystem, checkTable, checkTools } from "./check-image.ts";

type Options = RecipeOptions[RecipeName];

interface Case {
  readonly name: RecipeName;
  readonly options: Options;
  readonly fileSystems: readonly string[];
}

const cases: readonly Case[] = [
  { name: "demo", options: { boot: "fat32" }, fileSystems: ["fat32", "fat32", "fat32"] },
  { name: "demo", options: { boot: "ext4" }, fileSystems: ["fat32", "ext4", "fat32"] },
  { name: "debian-sdboot", options: {}, fileSystems: ["fat32", "fat32", "ext4"] },
  { name: "debian-grub", options: {}, fileSystems: ["none", "fat32", "ext4", "ext4"] },
  { name: "raspi", options: {}, fileSystems: ["fat32", "ext4"] },
  { name: "4kn", options: {}, fileSystems: ["fat32", "ext4", "ext4"] },
];

/** The first test to ask for an image also waits for its making, packages included. */
const timeout = 900_000;
const toolsOf = (name: RecipeName): readonly string[] => recipes[name].tools({});

function read(image: ImageInfo, file: string): Promise<Buffer> {
  const { fileSystem, offset } = partitionOf(image, "boot");
  return (fileSystem === "ext4" ? readExtFile : readFatFile)(image.path, file, offset);
}

describe.each(cases)("$name $options", ({ name, options, fileSystems }) => {
  const guard = { ...requires(...toolsOf(name), ...checkTools, "mcopy", "debugfs"), timeout };

  test("independent readers find no fault in the table", guard, async () => {
    const image = await buildImage(name, options);
    expect(await checkTable(image)).toBe(image.partitions.length);
  });

  test("fsck finds every file system clean", guard, async () => {
    const image = await buildImage(name, options);
    expect(image.partitions.map(({ fileSystem }) => fileSystem)).toEqual(fileSystems);
    for (const partition of image.partitions) {
      // oxlint-disable-next-line no-await-in-loop
      await expect(checkFileSystem(image, partition)).resolves.toMatch(/files|no file system/);
    }
  });

  test("the boot partition has the base's marker", guard, async () => {
    const image = await buildImage(name, options);
    expect((await read(image, "/marker.txt")).toString()).toBe("base\n");
  });

  test("the file has the length that is said, and holes", guard, async () => {
    const image = await buildImage(name, options);
    const { size, blocks } = await stat(image.path);
    expect(size).toBe(image.length);
    expect(blocks * 512).toBeLessThan(size);
  });
});

function rebuild<Name extends RecipeName>(
  folder: string,
  name: Name,
  options: RecipeOptions[Name],
): ReturnType<ImageBuilder> {
  return recipes[name].build(join(folder, "disk.img"), join(folder, "scratch"), options);
}

// Not debian-grub, which takes half a minute and is made by the same means.
describe.each(cases.filter(({ name }) => name !== "debian-grub"))("$name $options", ({ name, options }) => {
  test("two builds are the same", { ...requires("python3", ...toolsOf(name)), timeout }, async () => {
    const { path } = await buildImage(name, options);
    const folder = await mkdtemp(join(tmpdir(), `${name}-`));
    try {
      await mkdir(join(folder, "scratch"));
      await rebuild(folder, name, options);
      expect(await digestFile(join(folder, "disk.img"))).toEqual(await digestFile(path));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** The signature of a kernel that follows the x86 boot protocol, at its place. */
const isX86Kernel = (kernel: Buffer): boolean => kernel.toString("latin1", 0x202, 0x206) === "HdrS";

const guardOf = (name: RecipeName): object => ({ ...requires(...toolsOf(name), "mdir"), timeout });

describe("what is in them", () => {
  test("debian-sdboot: entries and the kernel that they name", guardOf("debian-sdboot"), async () => {
    const image = await buildImage("debian-sdboot");
    const { offset } = partitionOf(image, "boot");
    const listing = await mtools("mdir", image.path, offset, ["-b", "::/loader/entries"]);
    const entries = listing.trimEnd().split("\n");
    expect(entries).toHaveLength(2);
    const entry = (await read(image, entries[0]?.replace("::", "") ?? "")).toString();
    expect(isX86Kernel(await read(image, /^linux (.*)$/m.exec(entry)?.[1] ?? ""))).toBe(true);
  });

  test("debian-grub: a grub.cfg and the kernel that it names", guardOf("debian-grub"), async () => {
    const image = await buildImage("debian-grub");
    const config = (await read(image, "/grub/grub.cfg")).toString();
    const lines = config.match(/^\s*linux\t.*$/gm) ?? [];
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/ root=UUID=[0-9a-f-]{36} ro {2}console=ttyS0,115200n8 quiet$/);
    expect(isX86Kernel(await read(image, /linux\t(\S+)/.exec(config)?.[1] ?? ""))).toBe(true);
    expect((await read(image, "/grub/grubenv")).length).toBe(1024);
  });

  test("debian-grub: more than a GiB, as benchmarks want it", guardOf("debian-grub"), async () => {
    const image = await buildImage("debian-grub");
    expect(image.length).toBeGreaterThan(2 ** 30);
    expect((await stat(image.path)).blocks * 512).toBeGreaterThan(2 ** 29);
  });

  test("raspi: the firmware's files and a kernel that config.txt names", guardOf("raspi"), async () => {
    const image = await buildImage("raspi");
    const { offset } = partitionOf(image, "boot");
    const listing = await mtools("mdir", image.path, offset, ["-b", "::"]);
    for (const name of ["bootcode.bin", "start.elf", "start4.elf", "fixup4.dat", "bcm2711-rpi-4-b.dtb"])
      expect(listing).toContain(`::/${name}\n`);
    const kernel = /^kernel=(.*)$/m.exec((await read(image, "/config.txt")).toString())?.[1] ?? "";
    expect(listing).toContain(`::/${kernel}\n`);
    expect((await read(image, "/cmdline.txt")).toString()).toMatch(/^console=[^\n]*\n$/);
  });
});
