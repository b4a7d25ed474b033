import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findTool } from "@bootstamp/witnesses";
import { blsEntries, type BootEntry } from "../boot-files.ts";
import { extTools, writeExtVolume } from "../ext-volume.ts";
import { writeFatVolume } from "../fat-volume.ts";
import type { FileTree } from "../file-tree.ts";
import { mebibyte, writeGptImage, type PlannedPartition } from "../gpt-image.ts";
import { partitionTypes } from "../guid.ts";
import { collectFiles } from "../host-files.ts";
import type { BuiltImage } from "../image-cache.ts";
import { noise } from "../pattern.ts";

export interface DemoOptions {
  /** The file system of the boot partition: ext4 where mke2fs is there, else FAT32. */
  readonly boot?: "ext4" | "fat32";
}

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const espLength = 40 * mebibyte;
const bootLength = 64 * mebibyte;
const rootLength = 320 * mebibyte;
/** Bytes of files in the root; the rest is free, as on most roots. */
const rootContent = 260 * mebibyte;
const kernelLength = 12 * mebibyte;
const version = "6.1.0-demo";

/**
 * What makes two demo images differ beside the sources: the packages that fill the root, and the choice of a file
 * system.
 */
export function demoInputs({ boot = defaultBoot() }: DemoOptions): string {
  const lockfile = readFileSync(join(repository, "package-lock.json"));
  return `${boot} ${process.platform} ${process.arch} ${createHash("sha256").update(lockfile).digest("hex")}`;
}

/**
 * A disk as a distribution ships it, made of what `npm ci` brought and nothing else: an ESP, a boot partition, and a
 * root full of real files.
 */
export async function buildDemo(
  path: string,
  scratch: string,
  { boot = defaultBoot() }: DemoOptions,
): Promise<BuiltImage> {
  const bootPartition = boot === "ext4" ? await planExtBoot(scratch) : planFatBoot(scratch);
  const planned = [planEsp(scratch), bootPartition, planRoot(scratch)];
  return writeGptImage(path, { name: "demo", boots: [], usesAll: true }, planned);
}

function defaultBoot(): "ext4" | "fat32" {
  return extTools.every((tool) => findTool(tool) !== undefined) ? "ext4" : "fat32";
}

function planEsp(scratch: string): PlannedPartition {
  const files = {
    "EFI/BOOT/BOOTX64.EFI": noise(150_000, 7),
    "loader/loader.conf": "timeout 3\n",
    ...blsEntries([{ ...entryOf("rescue"), id: "rescue", title: "Rescue system" }]),
  };
  const volume = { label: "ESP", serial: 0xe5b0_0004, length: espLength, clusterLength: 512, files };
  return {
    role: "esp",
    label: "EFI system partition",
    type: partitionTypes.esp,
    fileSystem: "fat32",
    length: espLength,
    content: writeFat32(join(scratch, "esp"), volume),
  };
}

const bootPlan = { role: "boot", label: "boot", type: partitionTypes.xbootldr, length: bootLength } as const;

function planFatBoot(scratch: string): PlannedPartition {
  const volume = { label: "BOOT", serial: 0xb007_0004, length: bootLength, clusterLength: 512 };
  const content = writeFat32(join(scratch, "boot"), { ...volume, files: bootFiles() });
  return { ...bootPlan, fileSystem: "fat32", content };
}

async function planExtBoot(scratch: string): Promise<PlannedPartition> {
  const hostPath = join(scratch, "boot");
  const volume = { label: "boot", length: bootLength, uuidNumber: 0x502, files: bootFiles() };
  await writeExtVolume(hostPath, scratch, volume);
  return { ...bootPlan, fileSystem: "ext4", content: { hostPath } };
}

function planRoot(scratch: string): PlannedPartition {
  const files = collectFiles(join(repository, "node_modules"), rootContent);
  const volume = { label: "ROOT", serial: 0x4007_0004, length: rootLength, clusterLength: 4096, files };
  return {
    role: "root",
    label: "root",
    type: partitionTypes.rootX64,
    fileSystem: "fat32",
    length: rootLength,
    content: writeFat32(join(scratch, "root"), volume),
  };
}

interface Fat32 {
  readonly label: string;
  readonly serial: number;
  readonly length: number;
  readonly clusterLength: number;
  readonly files: FileTree;
}

function writeFat32(hostPath: string, volume: Fat32): { readonly hostPath: string } {
  writeFatVolume(hostPath, { ...volume, width: 32, sectorLength: 512 });
  return { hostPath };
}

function bootFiles(): FileTree {
  return {
    ...blsEntries([
      entryOf("quiet"),
      { ...entryOf("single"), id: `demo-${version}-single`, title: "Demo, one user" },
    ]),
    "marker.txt": "base\n",
    // In place of a kernel and an initramfs: machine code, and bytes that are compressed already.
    [`vmlinuz-${version}`]: firstBytes(process.execPath, kernelLength),
    [`initrd.img-${version}`]: noise(8 * mebibyte, 8),
  };
}

function entryOf(last: string): BootEntry {
  return {
    id: `demo-${version}`,
    title: "Demo",
    version,
    linux: `/vmlinuz-${version}`,
    initrd: `/initrd.img-${version}`,
    options: `root=PARTLABEL=root ro console=tty0 ${last}`,
  };
}

function firstBytes(path: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const file = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}
