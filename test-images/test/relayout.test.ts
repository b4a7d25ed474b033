// Real images laid out anew: they boot as before, from where their partitions now lie.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSource } from "@bootstamp/byte-source";
import { planRelayout, relayout, type RelayoutChoices, type RelayoutPlan } from "@bootstamp/disk-image";
import {
  bootImage,
  bootTools,
  buildImage,
  recipes,
  reportOf,
  type Firmware,
  type ImageInfo,
} from "@bootstamp/test-images";
import { requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkFileSystem, checkTable, checkTools } from "./check-image.ts";

const timeout = 900_000;
const mebibyte = 1 << 20;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "relayout-"));
});

afterAll(() => rm(folder, { recursive: true }));

async function relaidOut(
  image: ImageInfo,
  choices: RelayoutChoices,
): Promise<{ plan: RelayoutPlan; image: ImageInfo }> {
  const path = join(folder, `${image.name}.img`);
  const source = FileSource.open(image.path);
  try {
    const plan = await planRelayout({ source, choices });
    await relayout({ source, plan, output: path });
    const partitions = image.partitions.map((each) => {
      const to = plan.moves.find(({ number }) => number === each.number)?.to ?? each;
      return Object.assign({}, each, to);
    });
    return { plan, image: { ...image, path, length: plan.after.diskLength, partitions } };
  } finally {
    source.close();
  }
}

async function expectClean(image: ImageInfo): Promise<void> {
  expect(await checkTable(image)).toBe(image.partitions.length);
  for (const partition of image.partitions) {
    // oxlint-disable-next-line no-await-in-loop
    expect(await checkFileSystem(image, partition)).not.toBe("");
  }
}

async function cmdlineOf({ path, sectorLength }: ImageInfo, firmware: Firmware): Promise<string> {
  const console = await bootImage(path, { firmware, sectorLength });
  expect(reportOf(console, "marker")).toBe("base");
  return reportOf(console, "cmdline");
}

function guardOf(name: "debian-grub" | "debian-sdboot" | "4kn"): object {
  return { ...requires(...recipes[name].tools({}), ...bootTools, ...checkTools, "resize2fs"), timeout };
}

describe("debian-grub, its ext4 /boot shrunk and put last", guardOf("debian-grub"), () => {
  test("is clean and boots under UEFI and BIOS to its kernel's arguments", async () => {
    const old = await buildImage("debian-grub", { size: 512 * mebibyte, root: "small" });
    const { plan, image } = await relaidOut(old, {
      partition: { role: "boot" },
      last: true,
      shrink: { reserve: 8 * mebibyte },
    });
    expect(plan.moves.map(({ number, content }) => [number, content])).toEqual([
      [1, "copied"],
      [2, "copied"],
      [4, "copied"],
      [3, "shrunk"],
    ]);
    expect(plan.notes.map(({ code }) => code)).toEqual(["BOOT_LOADER_KEPT", "NUMBERS_KEPT", "CANNOT_GROW"]);
    expect(plan.notes[0]?.message).toMatch(/GRUB 2 in the MBR reads partition 1, which stays where it is/);
    expect(image.length).toBeLessThan(old.length - 50 * mebibyte);
    await expectClean(image);
    const expected = /^BOOT_IMAGE=\/vmlinuz-\S+ root=UUID=\S+ ro console=ttyS0/;
    expect(await cmdlineOf(image, "uefi")).toMatch(expected);
    expect(await cmdlineOf(image, "bios")).toMatch(expected);
  });

  test("may not lose what GRUB reads by sectors", async () => {
    const { path } = await buildImage("debian-grub", { size: 512 * mebibyte, root: "small" });
    const source = FileSource.open(path);
    const choices = { partition: { type: "bios-boot" }, last: true };
    await expect(planRelayout({ source, choices })).rejects.toMatchObject({
      code: "DISK_BOOT_LOADER",
      message: expect.stringMatching(/GRUB 2 in the MBR reads sectors in partition 1/),
    });
    source.close();
  });
});

test("4kn, its ext4 /boot shrunk and put last, is clean and boots", guardOf("4kn"), async () => {
  const choices = { partition: { role: "boot" }, last: true, shrink: { reserve: 8 * mebibyte } } as const;
  const { plan, image } = await relaidOut(await buildImage("4kn"), choices);
  expect(plan.after.sectorLength).toBe(4096);
  expect(plan.moves.map(({ number }) => number)).toEqual([1, 3, 2]);
  await expectClean(image);
  expect(await cmdlineOf(image, "uefi")).toMatch(/^BOOT_IMAGE=\/vmlinuz-\S+ root=UUID=\S+ ro console=ttyS0/);
});

describe("debian-sdboot, its FAT XBOOTLDR put last", guardOf("debian-sdboot"), () => {
  const expected = /^initrd=\S+ root=LABEL=root ro console=ttyS0,115200n8 quiet$/;

  test("as it is, is clean and boots", async () => {
    const { plan, image } = await relaidOut(await buildImage("debian-sdboot"), {
      partition: { type: "xbootldr" },
      last: true,
    });
    expect(plan.bootLoaders).toEqual([]);
    await expectClean(image);
    expect(await cmdlineOf(image, "uefi")).toMatch(expected);
  });

  test("made anew from its files, is clean and boots", async () => {
    const { plan, image } = await relaidOut(await buildImage("debian-sdboot"), {
      partition: { type: "xbootldr" },
      last: true,
      shrink: { reserve: 4 * mebibyte },
      remakeFat: true,
    });
    expect(plan.moves.at(-1)).toMatchObject({ number: 2, content: "remade" });
    await expectClean(image);
    expect(await cmdlineOf(image, "uefi")).toMatch(expected);
  });
});
