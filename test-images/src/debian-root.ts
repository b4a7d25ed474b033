import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fetchPackages, unpackPackages, type PackageSet } from "./debian-archive.ts";
import { writeExtVolumeOf, type ExtVolume } from "./ext-volume.ts";
import type { PlannedPartition } from "./gpt-image.ts";
import { partitionTypes } from "./guid.ts";

/** A few packages, 30 MB: enough where the root is only to be there. */
export const smallRoot: PackageSet = {
  architecture: "amd64",
  names: ["base-files", "base-passwd", "bash", "coreutils", "libc-bin", "tzdata"],
  withDependencies: false,
};

/** A server with all that it depends on, 790 MB: as compressible as what people ship. */
export const serverRoot: PackageSet = {
  architecture: "amd64",
  names: (
    "linux-image-amd64 grub-efi-amd64-bin grub-pc-bin systemd-sysv iproute2 openssh-server ca-certificates curl git " +
    "less locales man-db manpages perl python3 vim"
  ).split(" "),
  withDependencies: true,
};

/** Plans an ext4 root of a given length with packages unpacked into it, none of them configured. */
export async function planRoot(
  scratch: string,
  packages: PackageSet,
  volume: Omit<ExtVolume, "label">,
): Promise<PlannedPartition> {
  const folder = join(scratch, "root");
  const hostPath = join(scratch, "root.img");
  await mkdir(folder);
  await unpackPackages(await fetchPackages(packages), folder);
  await writeExtVolumeOf(hostPath, folder, { ...volume, label: "root" });
  return {
    role: "root",
    label: "root",
    type: partitionTypes.rootX64,
    fileSystem: "ext4",
    length: volume.length,
    content: { hostPath },
  };
}
