import { debianKernelArguments } from "../boot-files.ts";
import { planRoot, serverRoot, smallRoot } from "../debian-root.ts";
import { unpackKernel } from "../debian-kernel.ts";
import { mebibyte, placePartitions, writeGptImage, type PlannedPartition } from "../gpt-image.ts";
import { planGrubBoot, planGrubEsp } from "../grub-partitions.ts";
import { makeGrubBios, unpackGrub } from "../grub.ts";
import { fixedUuid, partitionTypes } from "../guid.ts";
import type { BuiltImage } from "../image-cache.ts";

export interface DebianGrubOptions {
  /** Bytes of the whole image, at least 1.2 GiB with the root of a server; what is over is free space in the root. */
  readonly size?: number;
  /** What the root holds: 790 MB of packages, the default, or 30 MB. */
  readonly root?: "server" | "small";
}

const bootUuidNumber = 0x202;
const rootUuidNumber = 0x203;
const biosBootLength = mebibyte;
const espLength = 48 * mebibyte;
const bootLength = 200 * mebibyte;
/** The table and the free MiB at both ends. */
const frameLength = 2 * mebibyte;

/** GRUB for BIOS and UEFI, an ext4 /boot of its own with a grub.cfg, and an ext4 root of real packages. */
export async function buildDebianGrub(
  path: string,
  scratch: string,
  { root = "server", size = (root === "server" ? 1229 : 512) * mebibyte }: DebianGrubOptions,
): Promise<BuiltImage> {
  const grub = await unpackGrub(scratch, fixedUuid(bootUuidNumber));
  const kernel = await unpackKernel(scratch, "linux-image-amd64", "/dev/vda3");
  const rootLength = size - frameLength - biosBootLength - espLength - bootLength;
  const bios = await makeGrubBios(
    grub,
    scratch,
    placePartitions([biosBoot(Buffer.alloc(0))])[0]?.offset ?? 0,
  );
  const image = { name: "debian-grub", boots: ["uefi", "bios"], bootCode: bios.bootCode } as const;
  return await writeGptImage(path, image, [
    biosBoot(bios.image),
    await planGrubEsp(grub, scratch, { length: espLength, sectorLength: 512 }),
    await planGrubBoot(grub, kernel, scratch, {
      length: bootLength,
      uuidNumber: bootUuidNumber,
      platforms: ["x86_64-efi", "i386-pc"],
      config: {
        bootUuid: fixedUuid(bootUuidNumber),
        rootUuid: fixedUuid(rootUuidNumber),
        arguments: debianKernelArguments,
      },
    }),
    await planRoot(scratch, root === "server" ? serverRoot : smallRoot, {
      length: rootLength,
      uuidNumber: rootUuidNumber,
    }),
  ]);
}

function biosBoot(content: Buffer): PlannedPartition {
  return {
    role: "bios-boot",
    label: "BIOS boot partition",
    type: partitionTypes.biosBoot,
    fileSystem: "none",
    length: biosBootLength,
    content,
  };
}
