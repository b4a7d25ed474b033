import { unpackKernel } from "../debian-kernel.ts";
import { debianKernelArguments } from "../boot-files.ts";
import { planRoot, smallRoot } from "../debian-root.ts";
import { mebibyte, writeGptImage } from "../gpt-image.ts";
import { planGrubBoot, planGrubEsp } from "../grub-partitions.ts";
import { unpackGrub } from "../grub.ts";
import { fixedUuid } from "../guid.ts";
import type { BuiltImage } from "../image-cache.ts";

export type FourKnOptions = Readonly<Record<string, never>>;

const sectorLength = 4096;
const bootUuidNumber = 0x402;
const rootUuidNumber = 0x403;

/** FAT32 has 65525 clusters at least, and a cluster has a sector at least: 256 MiB, nearly all of it a hole. */
const espLength = 260 * mebibyte;

/** A disk of 4096-byte sectors: GRUB on a FAT32 ESP; ext4 for /boot and root. */
export async function buildFourKn(path: string, scratch: string): Promise<BuiltImage> {
  const grub = await unpackGrub(scratch, fixedUuid(bootUuidNumber));
  const kernel = await unpackKernel(scratch, "linux-image-cloud-amd64", "/dev/vda2");
  const image = { name: "4kn", sectorLength, boots: ["uefi"], usesAll: true } as const;
  return await writeGptImage(path, image, [
    await planGrubEsp(grub, scratch, { length: espLength, sectorLength }),
    await planGrubBoot(grub, kernel, scratch, {
      length: 128 * mebibyte,
      uuidNumber: bootUuidNumber,
      blockLength: sectorLength,
      platforms: ["x86_64-efi"],
      config: {
        bootUuid: fixedUuid(bootUuidNumber),
        rootUuid: fixedUuid(rootUuidNumber),
        arguments: debianKernelArguments,
      },
    }),
    await planRoot(scratch, smallRoot, {
      length: 96 * mebibyte,
      uuidNumber: rootUuidNumber,
      blockLength: sectorLength,
    }),
  ]);
}
