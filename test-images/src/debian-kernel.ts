import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fetchPackages, unpackPackages } from "./debian-archive.ts";
import { bootModules, encodeInitramfs } from "./initramfs.ts";
import { modulesFor } from "./kernel-modules.ts";

/** A kernel that is unpacked, and what it boots with. */
export interface DebianKernel {
  /** As `uname -r` says it. */
  readonly version: string;
  /** Path of the kernel, of its configuration and of its System.map. */
  readonly vmlinuz: string;
  readonly config: string;
  readonly systemMap: string;
  /** The initramfs that reports on the console. */
  readonly initrd: Buffer;
}

/**
 * Fetches a kernel package by the name of its metapackage and unpacks it under `scratch`, with an initramfs that mounts
 * `bootDevice`.
 */
export async function unpackKernel(
  scratch: string,
  metapackage: "linux-image-amd64" | "linux-image-cloud-amd64",
  bootDevice: string,
): Promise<DebianKernel> {
  const folder = join(scratch, "kernel");
  await mkdir(folder);
  const names = [metapackage, "busybox-static"];
  const set = { architecture: "amd64", names, withDependencies: true } as const;
  await unpackPackages(await fetchPackages({ ...set, only: /^(linux-image-\d|busybox-static$)/ }), folder);
  return describeKernel(folder, bootDevice);
}

async function describeKernel(folder: string, bootDevice: string): Promise<DebianKernel> {
  const boot = join(folder, "boot");
  const [version] = readdirSync(join(folder, "lib/modules"));
  if (version === undefined) throw new Error(`no kernel modules in ${folder}`);
  const modules = await modulesFor(join(folder, "lib/modules", version), bootModules);
  return {
    version,
    vmlinuz: join(boot, `vmlinuz-${version}`),
    config: join(boot, `config-${version}`),
    systemMap: join(boot, `System.map-${version}`),
    initrd: encodeInitramfs({ busybox: join(folder, "bin/busybox"), modules, bootDevice }),
  };
}
