import { cachedImage, type ImageBuilder } from "./image-cache.ts";
import type { ImageInfo } from "./image-info.ts";
import { debianTools } from "./debian-archive.ts";
import { extTools } from "./ext-volume.ts";
import { grubTools } from "./grub.ts";
import { buildDebianGrub, type DebianGrubOptions } from "./recipes/debian-grub.ts";
import { buildDebianSdboot, type DebianSdbootOptions } from "./recipes/debian-sdboot.ts";
import { buildDemo, demoInputs, type DemoOptions } from "./recipes/demo.ts";
import { buildFourKn, type FourKnOptions } from "./recipes/four-kn.ts";
import { buildRaspi, type RaspiOptions } from "./recipes/raspi.ts";
import { buildTiny, type TinyOptions } from "./recipes/tiny.ts";
import { vfatTools } from "./vfat-volume.ts";

/** The options of every recipe. */
export interface RecipeOptions {
  readonly tiny: TinyOptions;
  readonly demo: DemoOptions;
  readonly "debian-sdboot": DebianSdbootOptions;
  readonly "debian-grub": DebianGrubOptions;
  readonly raspi: RaspiOptions;
  readonly "4kn": FourKnOptions;
}

export type RecipeName = keyof RecipeOptions;

export interface Recipe<Options> {
  /** What it is for, in a line. */
  readonly summary: string;
  /** Tools that it needs with these options, to hand to `requires`. */
  tools(options?: Options): readonly string[];
  /** What the image depends on beside the sources and the options. */
  inputs?(options: Options): string;
  build(path: string, scratch: string, options: Options): ReturnType<ImageBuilder>;
}

export const recipes: { readonly [Name in RecipeName]: Recipe<RecipeOptions[Name]> } = {
  tiny: {
    summary: "a few MiB, GPT, ESP and a boot partition, for unit tests",
    tools: ({ boot } = {}) => (boot === "ext4" ? extTools : []),
    build: buildTiny,
  },
  demo: {
    summary:
      "what npm brought, as a disk of 0.4 GiB: GPT, ESP, a boot partition with BLS entries, a full root",
    tools: ({ boot } = {}) => (boot === "ext4" ? extTools : []),
    inputs: demoInputs,
    build: buildDemo,
  },
  "debian-sdboot": {
    summary: "systemd-boot, BLS entries on a FAT XBOOTLDR, a small ext4 root; boots under UEFI",
    tools: () => [...debianTools, ...extTools, ...vfatTools],
    build: buildDebianSdboot,
  },
  "debian-grub": {
    summary: "GRUB, an ext4 /boot, and an ext4 root of real packages, 1.2 GiB; boots under UEFI and BIOS",
    tools: () => [...debianTools, ...extTools, ...vfatTools, ...grubTools],
    build: buildDebianGrub,
  },
  raspi: {
    summary: "MBR, FAT32 with Debian's Raspberry Pi firmware, kernel and device trees, a small ext4 root",
    tools: () => [...debianTools, ...extTools, ...vfatTools],
    build: buildRaspi,
  },
  "4kn": {
    summary: "4096-byte sectors, GRUB on a FAT32 ESP, an ext4 /boot and a small ext4 root; boots under UEFI",
    tools: () => [...debianTools, ...extTools, ...vfatTools, ...grubTools],
    build: buildFourKn,
  },
};

/** Returns the image of a recipe, built now if no run before has built it. Any number of processes may ask at once. */
export async function buildImage<Name extends RecipeName>(
  name: Name,
  options: RecipeOptions[Name] = {},
): Promise<ImageInfo> {
  const recipe = recipes[name];
  const inputs = recipe.inputs?.(options);
  return cachedImage({ name, options, inputs }, (path, scratch) => recipe.build(path, scratch, options));
}
