// Images from layouts, layouts from images, images laid out anew: held against sfdisk, sgdisk and the checkers.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import {
  e2fsck,
  fsckVfat,
  readExtFile,
  readFatFile,
  requires,
  run,
  sfdiskVerify,
  sgdiskVerify,
} from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { eventsOf, runCommand } from "./support/command.ts";
import { copyOf, digestsIn, workplace, writeText } from "./support/workplace.ts";

/** A folder with a layout and what goes into its partitions. */
function layoutIn(folder: string): string {
  writeText(join(folder, "esp/EFI/BOOT/BOOTX64.EFI"), "not really a boot loader\n".repeat(1000));
  writeText(join(folder, "boot/loader/entries/one.conf"), "options root=LABEL=root\n");
  mkdirSync(join(folder, "boot/empty"));
  const layout = [
    "version: 1",
    "sectors: [512, 4096]",
    "size: fit",
    "seed: a test",
    "partitions:",
    "  - { name: esp, type: esp, size: 300MiB, directory: esp, file-system: fat }",
    "  - { name: boot, type: xbootldr, directory: boot, file-system: ext4, reserve: 8MiB, variable: true }",
    "  - { name: root, type: root-x86-64, size: 32MiB }",
  ];
  return writeText(join(folder, "disk.yaml"), `${layout.join("\n")}\n`);
}

interface Placed {
  readonly number: number;
  readonly offset: number;
  readonly length: number;
}

const tools = ["sfdisk", "sgdisk", "mke2fs", "e2fsck", "fsck.vfat", "mcopy", "debugfs"];

describe("layout", () => {
  test("assembles an image for each sector length, sound to every checker", requires(...tools), async () => {
    const folder = workplace();
    const words = ["layout", layoutIn(folder), "-o", join(folder, "out/disk.img")];
    // there is no such folder yet
    expect(await runCommand(words)).toMatchObject({ status: 1 });
    mkdirSync(join(folder, "out"));
    const outcome = await runCommand([...words, "--json"]);
    expect(outcome).toMatchObject({ status: 0 });
    const images = eventsOf(outcome).filter(({ event }) => event === "assembled");
    expect(images.map(({ sectorLength }) => sectorLength)).toEqual([512, 4096]);
    for (const image of images) {
      const path = String(image["path"]);
      const partitions = image["partitions"] as readonly Placed[];
      const [esp, boot, root] = partitions;
      if (image["sectorLength"] === 512) {
        await sfdiskVerify(path);
        await sgdiskVerify(path);
      }
      // what varies is last, and keeps its number
      expect(boot?.offset).toBeGreaterThan(root?.offset ?? 0);
      expect((boot?.offset ?? 1) % (128 << 10)).toBe(0);
      await fsckVfat(path, esp);
      expect((await readFatFile(path, "/EFI/BOOT/BOOTX64.EFI", esp?.offset)).length).toBe(25_000);
      await e2fsck(path, boot?.offset ?? 0);
      const entry = await readExtFile(path, "/loader/entries/one.conf", boot?.offset);
      expect(entry.toString()).toBe("options root=LABEL=root\n");
    }
    const first = digestsIn(join(folder, "out"));
    expect(await runCommand(words)).toMatchObject({ status: 0 });
    expect(digestsIn(join(folder, "out"))).toEqual(first);
  });

  test("is not written over what it is made of, nor into it", async () => {
    const folder = workplace();
    const layout = layoutIn(folder);
    const image = writeText(join(folder, "image.ext4"), "an image");
    const withImage = writeText(
      join(folder, "image.yaml"),
      "version: 1\npartitions:\n  - { image: image.ext4, size: 1MiB }\n",
    );
    const { path } = await buildImage("tiny", { boot: "fat16" });
    const base = copyOf(path, join(folder, "base.img"));
    const before = digestsIn(folder);
    for (const words of [
      [withImage, "-o", withImage],
      [withImage, "-o", image],
      [layout, "-o", join(folder, "boot/empty/disk.img")],
      ["--from", base, "-o", base],
    ]) {
      const { status, err } = await runCommand(["layout", ...words]);
      expect(status).toBe(1);
      expect(err).toMatch(
        /^error: cannot write \/.*: it would be made of itself, as \/.* is read for it\n$/m,
      );
    }
    expect(digestsIn(folder)).toEqual(before);
  });

  test("of an image goes to standard output, an image does not", async () => {
    const { path } = await buildImage("tiny", { boot: "fat16" });
    const shown = await runCommand(["layout", "--from", path]);
    expect(await runCommand(["layout", "--from", path, "-o", "-"])).toEqual(shown);
    const refused = await runCommand(["layout", layoutIn(workplace()), "-o", "-"]);
    expect(refused).toMatchObject({ status: 2, out: "" });
    expect(refused.err).toMatch(/^error: an image cannot go to standard output/);
  });

  test("of an image makes the same table again", requires("sfdisk"), async () => {
    const { path } = await buildImage("tiny", { boot: "fat16" });
    const folder = workplace();
    const file = join(folder, "layout.yaml");
    expect(await runCommand(["layout", "--from", path, "-o", file])).toMatchObject({ status: 0, err: "" });
    const shown = await runCommand(["layout", "--from", path]);
    expect(shown.out).toBe(readFileSync(file, "utf8"));
    const copy = join(folder, "copy.img");
    expect(await runCommand(["layout", file, "-o", copy])).toMatchObject({ status: 0, err: "" });
    expect(await dumpOf(copy)).toBe(await dumpOf(path));
    const dump = writeText(join(folder, "dump"), await dumpOf(path));
    const imported = join(folder, "imported.img");
    expect(await runCommand(["layout", dump, "-o", imported])).toMatchObject({ status: 0, err: "" });
    expect(readFileSync(imported).equals(readFileSync(copy))).toBe(true);
  });

  test("takes repart.d definitions", requires("sgdisk"), async () => {
    const folder = workplace();
    writeText(
      join(folder, "repart.d/10-esp.conf"),
      "[Partition]\nType=esp\nFormat=vfat\nSizeMinBytes=64M\nSizeMaxBytes=64M\n",
    );
    writeText(
      join(folder, "repart.d/20-root.conf"),
      "[Partition]\nType=root\nSizeMinBytes=32M\nSizeMaxBytes=32M\n",
    );
    const image = join(folder, "disk.img");
    const words = ["layout", join(folder, "repart.d"), "-o", image];
    const refused = await runCommand(words);
    expect(refused).toMatchObject({ status: 2 });
    expect(refused.err).toMatch(/20-root\.conf:2:/);
    expect(await runCommand([...words, "--architecture", "x86-64"])).toMatchObject({ status: 0 });
    await sgdiskVerify(image);
  });

  test("says where a layout is wrong", async () => {
    const folder = workplace();
    const file = writeText(
      join(folder, "wrong.yaml"),
      "version: 1\nsize: 10MiB\npartitions:\n  - { name: a, size: 20MiB }\n  - { nam: b }\n",
    );
    const wrong = await runCommand(["layout", file, "-o", join(folder, "x.img")]);
    expect(wrong).toMatchObject({ status: 2, out: "" });
    expect(wrong.err).toContain(`${file}:5:`);
    expect(wrong.err).toContain("name");
    expect(await runCommand(["layout", join(folder, "missing.yaml"), "-o", "x"])).toMatchObject({
      status: 2,
    });
    expect(await runCommand(["layout"])).toMatchObject({ status: 2 });
  });
});

describe("layout --relayout", () => {
  test("puts the boot partition last and shrinks it", requires(...tools, "resize2fs"), async () => {
    const info = await buildImage("debian-grub", { root: "small" });
    const folder = workplace();
    const image = join(folder, "new.img");
    const words = ["layout", "--relayout", info.path, "--last", "--shrink", "+16MiB"];
    const shown = await runCommand(words);
    expect(shown).toMatchObject({ status: 0 });
    expect(shown.err).toContain("GRUB 2 in the MBR reads partition 1, which stays where it is");
    expect(await runCommand([...words, "-o", image])).toMatchObject({ status: 0 });
    await sgdiskVerify(image);
    const table: {
      partitiontable: { partitions: { node: string; start: number; size: number; uuid: string }[] };
    } = JSON.parse(await run("sfdisk", ["--json", image]));
    const old: typeof table = JSON.parse(await run("sfdisk", ["--json", info.path]));
    const { partitions } = table.partitiontable;
    const boot = partitions[partitionOf(info, "boot").number - 1];
    expect(Math.max(...partitions.map(({ start }) => start))).toBe(boot?.start);
    expect((boot?.size ?? 0) * 512).toBeLessThan(partitionOf(info, "boot").length);
    expect(partitions.map(({ uuid }) => uuid)).toEqual(old.partitiontable.partitions.map(({ uuid }) => uuid));
    await e2fsck(image, (boot?.start ?? 0) * 512);
  });

  test(
    "makes of a compressed image and of a qcow2 what it makes of the raw one",
    requires("xz", "qemu-img"),
    async () => {
      const { path } = await buildImage("tiny", { boot: "fat16" });
      const folder = workplace();
      const made = async (image: string): Promise<Buffer> => {
        const output = join(folder, "new.img");
        const words = ["layout", "--relayout", image, "--partition", "boot", "--last", "-o", output];
        expect(await runCommand(words)).toMatchObject({ status: 0 });
        return readFileSync(output);
      };
      const expected = await made(path);
      expect(expected.equals(readFileSync(path))).toBe(false);
      const packed = join(folder, "image.xz");
      await run("sh", ["-c", 'xz -0 -c "$1" > "$2"', "make", path, packed]);
      expect((await made(packed)).equals(expected)).toBe(true);
      const qcow2 = join(folder, "image.qcow2");
      await run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", path, qcow2]);
      expect((await made(qcow2)).equals(expected)).toBe(true);
      const itself = ["layout", "--relayout", packed, "--partition", "boot", "--last", "-o", packed];
      expect(await runCommand(itself)).toMatchObject({ status: 1, out: "" });
    },
  );

  test("refuses what would not be sound", async () => {
    const { path } = await buildImage("tiny", { boot: "fat16" });
    expect(await runCommand(["layout", "--relayout", path])).toMatchObject({ status: 2 });
    const fat = await runCommand(["layout", "--relayout", path, "--shrink", "1MiB", "-o", "/dev/null/x"]);
    expect(fat.status).not.toBe(0);
    expect(fat.err).toContain("FAT");
  });
});

test("plan judges an image, each change with its figures", async () => {
  const info = await buildImage("debian-sdboot");
  const outcome = await runCommand(["plan", info.path, "--json"]);
  expect(outcome).toMatchObject({ status: 0, err: "" });
  const [judged] = eventsOf(outcome);
  const changes = judged?.["changes"] as readonly { change: string; saving: Record<string, number> }[];
  expect(changes.length).toBeGreaterThan(0);
  for (const { saving } of changes) expect(Object.values(saving).some((each) => each > 0)).toBe(true);
  const { out } = await runCommand(["plan", info.path]);
  expect(out).toMatch(/^costs now +\d/m);
  expect(out).toMatch(/^put it last +\d/m);
});

async function dumpOf(image: string): Promise<string> {
  return (await run("sfdisk", ["--dump", image])).replaceAll(image, "IMAGE");
}
