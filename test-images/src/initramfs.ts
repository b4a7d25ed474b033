import { readFileSync } from "node:fs";
import { encodeCpio, type CpioEntry } from "./cpio.ts";
import type { KernelModule } from "./kernel-modules.ts";

/** What the serial console shows between the lines `== name BEGIN` and `== name END`. */
export type ReportPart = "cmdline" | "boot" | "marker";

/** Modules that an image booted by qemu needs to mount its boot partition: what is built in is left out by itself. */
export const bootModules: readonly string[] = [
  "virtio_pci",
  "virtio_blk",
  "crc32c_generic",
  "ext4",
  "nls_cp437",
  "nls_ascii",
  "vfat",
];

export interface Initramfs {
  /** A static busybox of this machine's files. */
  readonly busybox: string;
  readonly modules: readonly KernelModule[];
  /** The boot partition as the kernel calls it, such as `/dev/vda2`. */
  readonly bootDevice: string;
}

const folder = 0o040755;
const executable = 0o100755;
const plain = 0o100644;
const characterDevice = 0o020600;

/**
 * Makes an initramfs that reports the kernel's command line, the boot partition's files and its marker.txt on the
 * console, and powers off.
 */
export function encodeInitramfs({ busybox, modules, bootDevice }: Initramfs): Buffer {
  const folders = ["bin", "boot", "dev", "modules", "proc", "sys"].map((path) => ({ path, mode: folder }));
  const entries: CpioEntry[] = [
    ...folders,
    // Before devtmpfs is there, init's own output needs it.
    { path: "dev/console", mode: characterDevice, device: [5, 1] },
    { path: "bin/busybox", mode: executable, content: readFileSync(busybox) },
    ...modules.map(({ name, path }) => ({
      path: `modules/${name}.ko`,
      mode: plain,
      content: readFileSync(path),
    })),
    { path: "init", mode: executable, content: Buffer.from(initScript(modules, bootDevice)) },
  ];
  return encodeCpio(entries);
}

function initScript(modules: readonly KernelModule[], bootDevice: string): string {
  return `#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs devtmpfs /dev
$b dmesg -n 1
report() {
  part=$1
  shift
  echo "== $part BEGIN"
  "$@"
  echo "== $part END"
}
for module in ${modules.map(({ name }) => name).join(" ")}; do $b insmod /modules/$module.ko; done
report cmdline $b cat /proc/cmdline
for attempt in 1 2 3 4 5 6 7 8 9; do [ -b ${bootDevice} ] || $b sleep 1; done
$b mount -o ro -t vfat ${bootDevice} /boot 2>/dev/null || $b mount -o ro -t ext4 ${bootDevice} /boot
report boot $b ls /boot
report marker $b cat /boot/marker.txt
$b umount /boot
$b poweroff -f
`;
}
