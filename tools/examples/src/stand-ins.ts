// Small images that have what the examples' specs look for in a real one.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { debugfs } from "@bootstamp/witnesses";
import { runCommandLine } from "bootstamp";

/** What images of CoreOS say of a platform in /coreos/platforms.json, which is the same in all of them. */
export interface CoreosPlatform {
  readonly grub_commands?: readonly string[];
  readonly kernel_arguments?: readonly string[];
}

export const coreosPlatforms: Readonly<Record<string, CoreosPlatform>> = {
  aws: {
    grub_commands: [
      "serial --speed=115200",
      "terminal_input serial console",
      "terminal_output serial console",
    ],
    kernel_arguments: ["console=tty0", "console=ttyS0,115200n8"],
  },
  azure: { kernel_arguments: ["console=tty0", "console=ttyS0,115200n8"] },
  openstack: {
    grub_commands: [
      "serial --speed=115200",
      "terminal_input serial console",
      "terminal_output serial console",
    ],
    kernel_arguments: ["console=ttyS0,115200n8", "console=tty0"],
  },
};

/** Like Fedora CoreOS: an ext4 /boot with boot entries behind a link, and the table of platforms. */
export async function coreosImage(path: string): Promise<void> {
  const image = await buildImage("tiny", { boot: "ext4" });
  copyFileSync(image.path, path);
  const table = `${path}.platforms.json`;
  writeFileSync(table, JSON.stringify(coreosPlatforms));
  const commands = ["mkdir /coreos", `write "${table}" /coreos/platforms.json`];
  await debugfs(path, commands, { offset: partitionOf(image, "boot").offset, write: true });
}

/** Like Raspberry Pi OS: an MBR, and a FAT partition with cmdline.txt and config.txt. */
export async function raspberryPiImage(path: string): Promise<void> {
  const files = {
    "bootfs/cmdline.txt": "console=serial0,115200 console=tty1 root=PARTUUID=0badc0de-02 rootwait\n",
    "bootfs/config.txt": "dtparam=audio=on\n[all]\narm_64bit=1\n",
    "layout.yaml": [
      "version: 1",
      "table: mbr",
      "partitions:",
      "  - { name: bootfs, type: fat32-lba, size: 4MiB, directory: bootfs, file-system: fat }",
      "  - { name: root, type: linux-generic, size: 4MiB }",
    ].join("\n"),
  };
  await assemble(path, files);
}

/** Like Flatcar: an OEM partition with a grub.cfg, as the SDK makes it with ext4. */
export async function flatcarImage(path: string): Promise<void> {
  const files = {
    "oem/grub.cfg": 'set oem_id=""\n',
    "esp/flatcar/first_boot": "",
    "layout.yaml": [
      "version: 1",
      "partitions:",
      "  - { name: EFI-SYSTEM, type: esp, size: 4MiB, directory: esp, file-system: fat }",
      "  - { name: OEM, number: 6, type: linux-generic, size: 8MiB, directory: oem, file-system: ext4 }",
      "  - { name: ROOT, number: 9, type: linux-generic, size: 2MiB }",
    ].join("\n"),
  };
  await assemble(path, files);
}

async function assemble(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  const folder = `${path}.parts`;
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const said: string[] = [];
  const writeErr = (text: string): void => void said.push(text);
  const terminal = {
    writeOut: () => undefined,
    writeErr,
    live: false,
    columns: 80,
    colour: false,
    unicode: false,
  };
  const surroundings = { terminal, environment: {}, signal: new AbortController().signal };
  const status = await runCommandLine(["layout", join(folder, "layout.yaml"), "-o", path], surroundings);
  if (status !== 0) throw new Error(said.join(""));
}
