import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FileSource } from "@bootstamp/byte-source";
import { probeFileSystem, readPartitionTable, type FileSystemProbe } from "@bootstamp/layout";
import { requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { withImage } from "./partition-tools.ts";

async function probe(path: string): Promise<FileSystemProbe> {
  const source = FileSource.open(path);
  try {
    return await probeFileSystem(source, { offset: 0, length: source.length });
  } finally {
    source.close();
  }
}

/** What blkid says of the whole of a file, by its own names of fields. */
async function blkid(path: string): Promise<Readonly<Record<string, string>>> {
  const printed = await run("blkid", ["--probe", "--output", "export", path]);
  return Object.fromEntries(
    [...printed.matchAll(/^(\w+)=(.*)$/gm)].map(([, key = "", value = ""]) => [
      key,
      value.replaceAll(/\\(.)/g, "$1"),
    ]),
  );
}

/** Length in MiB, then options of mkfs.vfat. */
const fatCases: readonly (readonly [number, readonly string[]])[] = [
  [1, []],
  [2, ["-F", "12", "-n", "BOOT"]],
  [16, ["-F", "16", "-n", "EFI-SYSTEM", "-i", "7b7795e7"]],
  [64, ["-F", "32", "-n", "bootfs"]],
  [8, ["-F", "32", "-s", "1", "-n", "TINY32"]],
  [64, ["-F", "32", "-S", "4096", "-n", "FOURK"]],
  [300, ["-n", "A B"]],
];

describe("FAT", requires("mkfs.vfat", "fsck.vfat", "mlabel", "blkid"), () => {
  test.each(fatCases)(
    "%i MiB %j is what blkid says, with the clusters that fsck counts",
    async (size, options) => {
      await withImage(size << 20, async (path) => {
        await run("mkfs.vfat", [...options, path]);
        const seen = await blkid(path);
        const found = await probe(path);
        expect(found).toMatchObject({ editable: true, id: seen["UUID"] });
        // mkfs.vfat leaves out what does not fill a track.
        expect((size << 20) - (found.length ?? 0)).toBeLessThan(64 * 512);
        expect(found.name).toBe(seen["VERSION"]?.toLowerCase());
        expect(found.label).toBe(seen["LABEL"] ?? "");
        const clusters = /(\d+) data clusters/.exec(await run("fsck.vfat", ["-n", "-v", path]));
        expect(found.clusterCount).toBe(Number(clusters?.[1]));
      });
    },
  );

  test("a label that was changed later is found", async () => {
    await withImage(4 << 20, async (path) => {
      await run("mkfs.vfat", ["-n", "OLD", path]);
      await run("mlabel", ["-i", path, "::NEWLABEL"]);
      expect(await probe(path)).toMatchObject({ label: "NEWLABEL" });
    });
  });

  test("mkfs.vfat on a whole disk, with and without its fake partition, is no partition table", async () => {
    for (const mbr of ["yes", "no"]) {
      await withImage(64 << 20, async (path) => {
        await run("mkfs.vfat", ["-F", "32", `--mbr=${mbr}`, path]);
        const source = FileSource.open(path);
        expect(await readPartitionTable(source)).toMatchObject({ kind: "none" });
        source.close();
      });
    }
  });
});

const extCases: readonly (readonly string[])[] = [
  ["-t", "ext2"],
  ["-t", "ext3", "-L", "boot"],
  ["-t", "ext4", "-L", "sixteen-letters!", "-O", "metadata_csum_seed"],
  ["-t", "ext4", "-b", "1024", "-O", "^has_journal"],
  ["-t", "ext4", "-b", "4096", "-O", "64bit", "-U", "96d15588-3596-4b3c-adca-a2ff7279ea63"],
  ["-t", "ext2", "-r", "0"],
];

describe("ext", requires("mke2fs", "blkid"), () => {
  test.each(extCases.map((options) => [options]))("%j is what blkid says", async (options) => {
    await withImage(32 << 20, async (path) => {
      await run("mke2fs", ["-q", ...options, path]);
      const seen = await blkid(path);
      const label = seen["LABEL"] ?? "";
      expect(await probe(path)).toMatchObject({
        name: seen["TYPE"],
        editable: true,
        label,
        length: 32 << 20,
      });
      expect((await probe(path)).id).toBe(seen["UUID"]);
    });
  });

  test("a journal of its own is no file system", async () => {
    await withImage(32 << 20, async (path) => {
      await run("mke2fs", ["-q", "-O", "journal_dev", path]);
      expect(await probe(path)).toMatchObject({ name: "ext-journal", editable: false });
    });
  });
});

/** Name, tool, its arguments; IMAGE stands for the file, KEY for one with a key, TREE for a folder with a file. */
const foreignCases: readonly (readonly [string, string, string])[] = [
  ["xfs", "mkfs.xfs", "-q -f -L xlabel IMAGE"],
  ["btrfs", "mkfs.btrfs", "-q -L blabel IMAGE"],
  ["f2fs", "mkfs.f2fs", "-q -f -l flabel IMAGE"],
  ["ntfs", "mkfs.ntfs", "-q -F -f IMAGE"],
  ["exfat", "mkfs.exfat", "IMAGE"],
  ["swap", "mkswap", "-q -L slabel IMAGE"],
  ["swap", "mkswap", "-q -p 65536 -L slabel IMAGE"],
  ["luks1", "cryptsetup", "-q luksFormat --type luks1 --pbkdf-force-iterations 1000 IMAGE KEY"],
  [
    "luks2",
    "cryptsetup",
    "-q luksFormat --type luks2 --label llabel --pbkdf pbkdf2 --pbkdf-force-iterations 1000 IMAGE KEY",
  ],
  ["squashfs", "mksquashfs", "TREE IMAGE -quiet -no-progress -noappend"],
  ["erofs", "mkfs.erofs", "IMAGE TREE"],
  ["iso9660", "genisoimage", "-quiet -V ILABEL -o IMAGE TREE"],
];

const blkidNames: Readonly<Record<string, string>> = { luks1: "crypto_LUKS", luks2: "crypto_LUKS" };

describe(
  "what cannot be edited is named",
  requires("blkid", ...new Set(foreignCases.map(([, tool]) => tool))),
  () => {
    test.each(foreignCases)("%s by %s %s", async (name, tool, line) => {
      await withImage(320 << 20, async (path) => {
        const tree = join(dirname(path), "tree");
        const key = join(tree, "key");
        mkdirSync(tree);
        writeFileSync(key, "a key");
        const words: Readonly<Record<string, string>> = { IMAGE: path, TREE: tree, KEY: key };
        await run(
          tool,
          line.split(" ").map((word) => words[word] ?? word),
        );
        truncateSync(path, 320 << 20);
        const seen = await blkid(path);
        expect(seen["TYPE"]).toBe(blkidNames[name] ?? name);
        expect(await probe(path)).toMatchObject({ name, editable: false, label: seen["LABEL"] ?? "" });
      });
    });
  },
);
