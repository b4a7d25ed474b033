import type { FileTree } from "./file-tree.ts";

/** What the kernels of the Debian images are told beside their root. */
export const debianKernelArguments = "console=ttyS0,115200n8 quiet";

/** What a boot loader entry says, in the words of the Boot Loader Specification. */
export interface BootEntry {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly linux: string;
  readonly initrd: string;
  readonly options: string;
}

/** The text of a BLS entry file (Boot Loader Specification, type #1). */
export function blsEntry(entry: BootEntry): string {
  return [
    `title ${entry.title}`,
    `version ${entry.version}`,
    `linux ${entry.linux}`,
    `initrd ${entry.initrd}`,
    `options ${entry.options}`,
    "",
  ].join("\n");
}

/** The entry files of a boot partition, under the folder that loaders look in. */
export function blsEntries(entries: readonly BootEntry[], folder = "loader/entries"): FileTree {
  return Object.fromEntries(entries.map((entry) => [`${folder}/${entry.id}.conf`, blsEntry(entry)]));
}

/** A GRUB environment block: 1024 bytes, filled with `#`. */
export function grubEnvironment(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  return `# GRUB Environment Block\n${lines.join("")}`.padEnd(1024, "#");
}
