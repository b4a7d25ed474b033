import { readFileSync, readdirSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "@bootstamp/witnesses";
import { fetchPackages, unpackPackages } from "./debian-archive.ts";
import { fixedTimes, type FileTree } from "./file-tree.ts";

/** The tool that puts a GRUB together. Its modules are fetched. */
export const grubTools: readonly string[] = ["grub-mkimage"];

/** GRUB's modules, unpacked: the folder has one subfolder for each platform. */
export interface Grub {
  readonly folder: string;
  /** A configuration that is built in and finds the boot partition. */
  readonly earlyConfig: string;
}

/** What it takes to find and read a configuration and a kernel on ext4 or FAT. */
const builtIn =
  "part_gpt ext2 fat normal configfile search search_fs_uuid linux echo test loadenv serial terminal ls cat gzio minicmd";

/** Fetches GRUB's modules and unpacks them under `scratch`; the boot partition is the one with that UUID. */
export async function unpackGrub(scratch: string, bootUuid: string): Promise<Grub> {
  const folder = join(scratch, "grub");
  await mkdir(folder);
  const names = ["grub-efi-amd64-bin", "grub-pc-bin"];
  await unpackPackages(
    await fetchPackages({ architecture: "amd64", names, withDependencies: false }),
    folder,
  );
  const earlyConfig = join(scratch, "early.cfg");
  await writeFile(
    earlyConfig,
    `search --no-floppy --fs-uuid --set=root ${bootUuid}\nset prefix=($root)/grub\n`,
  );
  return { folder: join(folder, "usr/lib/grub"), earlyConfig };
}

/** Returns the modules of a platform as they lie on a boot partition. */
export function grubModules({ folder }: Grub, platform: "x86_64-efi" | "i386-pc"): FileTree {
  const names = readdirSync(join(folder, platform)).filter((name) => /\.(mod|lst)$/.test(name));
  const entries = names.map((name) => [
    `grub/${platform}/${name}`,
    { hostPath: join(folder, platform, name) },
  ]);
  return Object.fromEntries(entries);
}

/** Makes the program that an ESP holds. */
export async function makeGrubEfi(grub: Grub, scratch: string): Promise<Buffer> {
  return makeImage(grub, scratch, "x86_64-efi", "");
}

/**
 * Makes what a BIOS starts: the code of the first sector, and the image of a BIOS boot partition.
 *
 * grub-mkimage cannot know where the partition lies, so the places of both are written here, as grub-install would
 * (GRUB 2.06, boot.S and diskboot.S): the first sector holds the sector number of the image at offset 0x5c; the
 * image's own first sector ends in a list of twelve-byte entries, whose last is where the rest of it starts.
 */
export async function makeGrubBios(
  grub: Grub,
  scratch: string,
  partitionOffset: number,
): Promise<{ readonly bootCode: Buffer; readonly image: Buffer }> {
  const sector = BigInt(partitionOffset / 512);
  const image = await makeImage(grub, scratch, "i386-pc", "biosdisk");
  image.writeBigUInt64LE(sector + 1n, 512 - 12);
  // Up to the disk signature, which belongs to the partition table.
  const bootCode = Buffer.from(readFileSync(join(grub.folder, "i386-pc/boot.img")).subarray(0, 440));
  bootCode.writeBigUInt64LE(sector, 0x5c);
  return { bootCode, image };
}

async function makeImage(grub: Grub, scratch: string, platform: string, extra: string): Promise<Buffer> {
  const output = join(scratch, `core-${platform}`);
  const modules = `${builtIn} ${extra}`.trim().split(" ");
  const options = ["-O", platform, "-d", join(grub.folder, platform), "-p", "/grub", "-c", grub.earlyConfig];
  await run("grub-mkimage", [...options, "-o", output, ...modules], { env: fixedTimes });
  return readFile(output);
}
