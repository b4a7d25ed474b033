import { join } from "node:path";
import { grubEnvironment } from "./boot-files.ts";
import type { DebianKernel } from "./debian-kernel.ts";
import { writeExtVolume, type ExtVolume } from "./ext-volume.ts";
import type { FileTree } from "./file-tree.ts";
import { grubConfig, type GrubConfig } from "./grub-config.ts";
import { grubModules, makeGrubEfi, type Grub } from "./grub.ts";
import type { PlannedPartition } from "./gpt-image.ts";
import { partitionTypes } from "./guid.ts";
import { writeVfatVolume } from "./vfat-volume.ts";

export interface EspShape {
  readonly length: number;
  readonly sectorLength: 512 | 4096;
}

/** Plans an ESP whose removable-media path starts GRUB. */
export async function planGrubEsp(grub: Grub, scratch: string, shape: EspShape): Promise<PlannedPartition> {
  const program = await makeGrubEfi(grub, scratch);
  const files = { "EFI/BOOT/BOOTX64.EFI": program, "EFI/debian/grubx64.efi": program };
  const hostPath = join(scratch, "esp");
  await writeVfatVolume(hostPath, scratch, { ...shape, width: 32, label: "ESP", serial: 0xe5b0_0002, files });
  return {
    role: "esp",
    label: "EFI system partition",
    type: partitionTypes.esp,
    fileSystem: "fat32",
    length: shape.length,
    content: { hostPath },
  };
}

export interface GrubBoot extends Omit<ExtVolume, "label"> {
  readonly platforms: readonly ("x86_64-efi" | "i386-pc")[];
  readonly config: Omit<GrubConfig, "kernelVersion">;
}

/** Plans an ext4 /boot as an installed Debian has it. */
export async function planGrubBoot(
  grub: Grub,
  kernel: DebianKernel,
  scratch: string,
  { platforms, config, ...volume }: GrubBoot,
): Promise<PlannedPartition> {
  const modules = platforms.map((platform) => grubModules(grub, platform));
  const files: FileTree = {
    ...Object.assign({}, ...modules),
    ...kernelFiles(kernel),
    "grub/grub.cfg": grubConfig({ ...config, kernelVersion: kernel.version }),
    "grub/grubenv": grubEnvironment({}),
    "marker.txt": "base\n",
  };
  const hostPath = join(scratch, "boot");
  await writeExtVolume(hostPath, scratch, { ...volume, label: "boot", files });
  return {
    role: "boot",
    label: "boot",
    type: partitionTypes.xbootldr,
    fileSystem: "ext4",
    length: volume.length,
    content: { hostPath },
  };
}

function kernelFiles({ version, vmlinuz, config, systemMap, initrd }: DebianKernel): FileTree {
  return {
    [`vmlinuz-${version}`]: { hostPath: vmlinuz },
    [`config-${version}`]: { hostPath: config },
    [`System.map-${version}`]: { hostPath: systemMap },
    [`initrd.img-${version}`]: initrd,
  };
}
