import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { blsEntries, debianKernelArguments } from "../boot-files.ts";
import { fetchPackages, unpackPackages } from "../debian-archive.ts";
import { unpackKernel, type DebianKernel } from "../debian-kernel.ts";
import { planRoot, smallRoot } from "../debian-root.ts";
import type { FileTree } from "../file-tree.ts";
import { mebibyte, writeGptImage, type PlannedPartition } from "../gpt-image.ts";
import { partitionTypes } from "../guid.ts";
import type { BuiltImage } from "../image-cache.ts";
import { writeVfatVolume } from "../vfat-volume.ts";

export interface DebianSdbootOptions {
  /** The kernel's arguments in the default entry. */
  readonly options?: string;
}

const bootDevice = "/dev/vda2";

/** systemd-boot on an ESP, a FAT XBOOTLDR partition with a kernel and two boot loader entries, and a small ext4 root. */
export async function buildDebianSdboot(
  path: string,
  scratch: string,
  { options = `root=LABEL=root ro ${debianKernelArguments}` }: DebianSdbootOptions,
): Promise<BuiltImage> {
  const kernel = await unpackKernel(scratch, "linux-image-cloud-amd64", bootDevice);
  return writeGptImage(path, { name: "debian-sdboot", boots: ["uefi"] }, [
    await espOf(scratch),
    await bootOf(scratch, kernel, options),
    await planRoot(scratch, smallRoot, { length: 96 * mebibyte, uuidNumber: 0x103 }),
  ]);
}

async function espOf(scratch: string): Promise<PlannedPartition> {
  const folder = join(scratch, "systemd-boot");
  await mkdir(folder);
  const names = ["systemd-boot-efi"];
  await unpackPackages(
    await fetchPackages({ architecture: "amd64", names, withDependencies: false }),
    folder,
  );
  const loader = { hostPath: join(folder, "usr/lib/systemd/boot/efi/systemd-bootx64.efi") };
  const files = {
    "EFI/BOOT/BOOTX64.EFI": loader,
    "EFI/systemd/systemd-bootx64.efi": loader,
    "loader/loader.conf": "timeout 0\ndefault debian-*.conf\neditor no\n",
  };
  const length = 48 * mebibyte;
  const hostPath = join(scratch, "esp");
  await writeVfatVolume(hostPath, scratch, { width: 32, label: "ESP", length, serial: 0xe5b0_0001, files });
  return {
    role: "esp",
    label: "EFI system partition",
    type: partitionTypes.esp,
    fileSystem: "fat32",
    length,
    content: { hostPath },
  };
}

async function bootOf(scratch: string, kernel: DebianKernel, options: string): Promise<PlannedPartition> {
  const length = 96 * mebibyte;
  const hostPath = join(scratch, "boot");
  const files = bootFiles(kernel, options);
  await writeVfatVolume(hostPath, scratch, { width: 32, label: "BOOT", length, serial: 0xb007_0001, files });
  return {
    role: "boot",
    label: "boot",
    type: partitionTypes.xbootldr,
    fileSystem: "fat32",
    length,
    content: { hostPath },
  };
}

function bootFiles({ version, vmlinuz, initrd, config }: DebianKernel, options: string): FileTree {
  const entry = {
    title: "Debian GNU/Linux 12 (bookworm)",
    version,
    linux: `/debian/${version}/linux`,
    initrd: `/debian/${version}/initrd.img-${version}`,
  };
  return {
    ...blsEntries([
      { ...entry, id: `debian-${version}`, options },
      // Sorted behind the default entry by its name.
      { ...entry, id: `rescue-${version}`, title: `${entry.title}, rescue`, options: `${options} single` },
    ]),
    [entry.linux.slice(1)]: { hostPath: vmlinuz },
    [entry.initrd.slice(1)]: initrd,
    [`debian/${version}/config-${version}`]: { hostPath: config },
    "marker.txt": "base\n",
  };
}
