import { join } from "node:path";
import { blsEntries, grubEnvironment, type BootEntry } from "../boot-files.ts";
import { writeExtVolume } from "../ext-volume.ts";
import { writeFatVolume } from "../fat-volume.ts";
import type { FatWidth } from "../fat-geometry.ts";
import type { FileTree } from "../file-tree.ts";
import { mebibyte, writeGptImage, type PlannedPartition } from "../gpt-image.ts";
import { partitionTypes } from "../guid.ts";
import type { BuiltImage } from "../image-cache.ts";
import { noise, prose } from "../pattern.ts";

export interface TinyOptions {
  /** The file system of the boot partition. `ext4` needs mke2fs and debugfs; the others need nothing. */
  readonly boot?: "fat12" | "fat16" | "fat32" | "ext4";
  readonly sectorLength?: 512 | 4096;
}

const widths = { fat12: 12, fat16: 16, fat32: 32 } as const;

/** MiB that hold enough clusters of a sector each, for 512-byte sectors and for 4096. */
const bootSizes: Readonly<Record<FatWidth, readonly [small: number, large: number]>> = {
  12: [1, 4],
  16: [4, 20],
  32: [34, 260],
};

/** A few MiB for unit tests, made in a moment: an ESP, a boot partition and a root that is no file system. */
export async function buildTiny(path: string, scratch: string, options: TinyOptions): Promise<BuiltImage> {
  const { boot = "fat16", sectorLength = 512 } = options;
  const esp = espOf(scratch, sectorLength);
  const bootPartition =
    boot === "ext4" ? await extBoot(scratch, sectorLength) : fatBoot(scratch, widths[boot], sectorLength);
  const image = { name: "tiny", sectorLength, boots: [], usesAll: true } as const;
  return await writeGptImage(path, image, [esp, bootPartition, rootOf()]);
}

function espOf(scratch: string, sectorLength: number): PlannedPartition {
  const hostPath = join(scratch, "esp");
  const length = (sectorLength === 512 ? 1 : 4) * mebibyte;
  const files = { "EFI/BOOT/BOOTX64.EFI": noise(65_536, 1), "startup.nsh": "\\EFI\\BOOT\\BOOTX64.EFI\r\n" };
  const volume = { width: 12, length, sectorLength, clusterLength: sectorLength } as const;
  writeFatVolume(hostPath, { ...volume, label: "ESP", serial: 0x0e5f_0e5f, files });
  return {
    role: "esp",
    label: "EFI system partition",
    type: partitionTypes.esp,
    fileSystem: "fat12",
    length,
    content: { hostPath },
  };
}

function fatBoot(scratch: string, width: FatWidth, sectorLength: 512 | 4096): PlannedPartition {
  const hostPath = join(scratch, "boot");
  const length = bootSizes[width][sectorLength === 512 ? 0 : 1] * mebibyte;
  const volume = { width, length, sectorLength, clusterLength: sectorLength };
  writeFatVolume(hostPath, { ...volume, label: "BOOT", serial: 0xb007_b007, files: bootFiles() });
  return { ...bootPlan, fileSystem: `fat${width}`, length, content: { hostPath } };
}

async function extBoot(scratch: string, sectorLength: 512 | 4096): Promise<PlannedPartition> {
  const hostPath = join(scratch, "boot");
  const length = 8 * mebibyte;
  // CoreOS switches between two folders of entries by a link, which FAT does not have.
  const files = Object.fromEntries(
    Object.entries(bootFiles()).map(([name, content]) => [name.replace(/^loader\//, "loader.1/"), content]),
  );
  await writeExtVolume(hostPath, scratch, {
    label: "boot",
    length,
    uuidNumber: 2,
    blockLength: sectorLength === 4096 ? 4096 : 1024,
    files,
    links: { loader: "loader.1" },
  });
  return { ...bootPlan, fileSystem: "ext4", length, content: { hostPath } };
}

const bootPlan = { role: "boot", label: "boot", type: partitionTypes.xbootldr } as const;

function rootOf(): PlannedPartition {
  const length = 2 * mebibyte;
  // Text, noise and zeros: what compresses well, not at all, and for nothing.
  const content = Buffer.concat([prose(700_000), noise(300_000, 3)]);
  return { role: "root", label: "root", type: partitionTypes.rootX64, fileSystem: "none", length, content };
}

function bootFiles(): FileTree {
  return {
    ...blsEntries([entryOf("6.1.0-2", 0), entryOf("6.1.0-1", 1)]),
    "loader/loader.conf": "timeout 3\ndefault tiny-6.1.0-2.conf\n",
    "grub2/grubenv": grubEnvironment({ saved_entry: "0", boot_success: "0" }),
    "marker.txt": "base\n",
    "vmlinuz-6.1.0-2": noise(300_000, 4),
    "initrd.img-6.1.0-2": noise(150_000, 5),
    EMPTY: "",
  };
}

function entryOf(version: string, age: number): BootEntry {
  return {
    id: `tiny-${version}`,
    title: `Tiny ${version}${age > 0 ? " (older)" : ""}`,
    version,
    linux: "/vmlinuz-6.1.0-2",
    initrd: "/initrd.img-6.1.0-2",
    options: "root=LABEL=root ro quiet console=ttyS0",
  };
}
