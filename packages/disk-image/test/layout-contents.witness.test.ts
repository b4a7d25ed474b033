// A layout file, planned and assembled for both lengths of a sector, held against the tools.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openFileSystem } from "@bootstamp/bootfs";
import { FileSource } from "@bootstamp/byte-source";
import { assembleImage, contentsOfPlan, measureLayout } from "@bootstamp/disk-image";
import { readPartitionTable } from "@bootstamp/layout";
import { parseLayout, planLayout, type PlannedLayout } from "@bootstamp/layout-plan";
import { copyRange, e2fsck, fsckVfat, requires, sgdiskVerify } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import { clock, mebibyte, noise, scratchFolder, writeTree } from "./support.ts";

const folder = scratchFolder("layout");
writeTree(join(folder, "esp"), { "EFI/BOOT/BOOTX64.EFI": noise(100_000) });
writeTree(join(folder, "boot"), { vmlinuz: noise(2 * mebibyte), "grub/grub.cfg": "quiet\n" });
writeFileSync(join(folder, "bios.bin"), noise(5000));

const text = `version: 1
sectors: [512, 4096]
partitions:
  - { name: bios, type: bios-boot, size: 1MiB, image: bios.bin }
  - { name: esp, type: esp, directory: esp, file-system: fat }
  - { name: boot, type: xbootldr, directory: boot, file-system: ext4, variable: true, reserve: 2MiB }
  - { name: data, type: linux-generic, size: 8MiB, file-system: ext4 }
`;

async function assemble(plan: PlannedLayout): Promise<string> {
  const output = join(folder, `disk-${plan.table.sectorLength}.img`);
  await assembleImage({ table: plan.table, contents: contentsOfPlan(plan, folder), output, clock });
  return output;
}

test(
  "one layout file makes an image for each length of a sector",
  requires("mke2fs", "e2fsck", "fsck.vfat", "sgdisk"),
  async () => {
    const layout = parseLayout("layout.yaml", text);
    const facts = { contentLength: await measureLayout(layout, folder), storedAlignment: 65_536 };
    const plans = planLayout(layout, facts);
    expect(plans.map(({ table }) => table.sectorLength)).toEqual([512, 4096]);
    for (const plan of plans) {
      const path = await assemble(plan);
      if (plan.table.sectorLength === 512) await sgdiskVerify(path);
      const image = FileSource.open(path);
      const table = await readPartitionTable(image);
      expect(table.sectorLength).toBe(plan.table.sectorLength);
      expect(table.partitions.map(({ name }) => name)).toEqual(["bios", "esp", "boot", "data"]);
      const [, esp, boot, data] = table.partitions;
      if (esp === undefined || boot === undefined || data === undefined)
        throw new Error("partitions are missing");
      const volume = join(folder, "volume.img");
      await fsckVfat(path, esp);
      for (const place of [boot, data]) {
        await copyRange(path, place, volume);
        await e2fsck(volume);
      }
      const espView = await openFileSystem(image, esp);
      expect(espView.identity.label).toBe("ESP");
      expect(espView.stat("/EFI/BOOT/BOOTX64.EFI").length).toBe(100_000);
      const bootView = await openFileSystem(image, boot);
      expect(bootView.identity).toMatchObject({ kind: "ext4", label: "boot" });
      expect(bootView.freeBytes()).toBeGreaterThan(2 * mebibyte - 65_536);
      expect((await openFileSystem(image, data)).list("/").map(({ name }) => name)).toEqual(["lost+found"]);
      image.close();
    }
  },
);
