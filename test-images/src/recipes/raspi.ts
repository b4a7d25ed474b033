import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fetchPackages, unpackPackages, unpackPart } from "../debian-archive.ts";
import { planRoot, smallRoot } from "../debian-root.ts";
import type { FileTree } from "../file-tree.ts";
import { mebibyte, writeMbrImage, type PlannedPartition } from "../gpt-image.ts";
import { partitionTypes } from "../guid.ts";
import type { BuiltImage } from "../image-cache.ts";
import { writeVfatVolume } from "../vfat-volume.ts";

export type RaspiOptions = Readonly<Record<string, never>>;

const bootLength = 256 * mebibyte;
const rootLength = 128 * mebibyte;

/** MBR types: FAT32 with LBA, and Linux. */
const systemIds = ["0x0c", "0x83"] as const;

/** What a Raspberry Pi starts from: an MBR, FAT32 with the firmware, a kernel and its device trees, and an ext4 root. */
export async function buildRaspi(path: string, scratch: string): Promise<BuiltImage> {
  const root = { ...smallRoot, architecture: "arm64" } as const;
  const planned = [
    await planFirmware(scratch),
    await planRoot(scratch, root, { length: rootLength, uuidNumber: 0x302 }),
  ];
  return writeMbrImage(path, { name: "raspi", boots: [] }, planned, systemIds);
}

async function planFirmware(scratch: string): Promise<PlannedPartition> {
  const firmware = await unpackFirmware(scratch);
  const kernel = await unpackArmKernel(scratch);
  const [version = ""] = readdirSync(join(kernel, "boot")).flatMap(
    (name) => /^vmlinuz-(.*)$/.exec(name)?.[1] ?? [],
  );
  const files: FileTree = {
    ...filesIn(firmware),
    ...filesIn(kernel),
    "cmdline.txt": "console=tty0 console=ttyS1,115200 root=/dev/mmcblk0p2 rw fsck.repair=yes rootwait\n",
    "config.txt": configText(version),
    "marker.txt": "base\n",
  };
  const hostPath = join(scratch, "boot");
  const volume = { width: 32, label: "RASPIFIRM", length: bootLength, serial: 0xb007_0003, files } as const;
  await writeVfatVolume(hostPath, scratch, volume);
  return {
    role: "boot",
    label: "firmware",
    type: partitionTypes.linux,
    fileSystem: "fat32",
    length: bootLength,
    content: { hostPath },
  };
}

async function unpackFirmware(scratch: string): Promise<string> {
  const folder = join(scratch, "firmware");
  await mkdir(folder);
  // Of every architecture: it is data to all of them.
  const set = { architecture: "arm64", names: ["raspi-firmware"], withDependencies: false } as const;
  await unpackPackages(await fetchPackages(set), folder);
  return join(folder, "usr/lib/raspi-firmware");
}

/** Unpacks a kernel and the device trees of Broadcom's boards into one folder. */
async function unpackArmKernel(scratch: string): Promise<string> {
  const folder = join(scratch, "kernel");
  await mkdir(folder);
  const set = { architecture: "arm64", names: ["linux-image-arm64"], withDependencies: true } as const;
  const [file = ""] = await fetchPackages({ ...set, only: /^linux-image-\d/ });
  await unpackPart(file, folder, ["./boot/vmlinuz-*", "./usr/lib/linux-image-*/broadcom/bcm2*"]);
  return folder;
}

/** All files under a folder, flat, as the firmware wants them. */
function filesIn(folder: string): FileTree {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => [basename(name), { hostPath: join(parentPath, name) }]),
  );
}

function configText(version: string): string {
  return [
    "# The kernel is a 64-bit one.",
    "arm_64bit=1",
    "enable_uart=1",
    "upstream_kernel=1",
    `kernel=vmlinuz-${version}`,
    "",
    "[pi4]",
    "arm_boost=1",
    "",
    "[all]",
    "disable_overscan=1",
    "",
  ].join("\n");
}
