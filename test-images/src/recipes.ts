import { cachedImage, type ImageBuilder } from "./image-cache.ts";
import type { ImageInfo } from "./image-info.ts";
import { debianTools } from "./debian-archive.ts";
import { extTools } from "./ext-volume.ts";
import { buildDebianSdboot, type DebianSdbootOptions } from "./recipes/debian-sdboot.ts";
import { buildTiny, type TinyOptions } from "./recipes/tiny.ts";
import { vfatTools } from "./vfat-volume.ts";

/** The options of every recipe. */
export interface RecipeOptions {
  readonly tiny: TinyOptions;
  readonly "debian-sdboot": DebianSdbootOptions;
}

export type RecipeName = keyof RecipeOptions;

export interface Recipe<Options> {
  /** What it is for, in a line. */
  readonly summary: string;
  /** Tools that it needs with these options, to hand to `requires`. */
  tools(options?: Options): readonly string[];
  build(path: string, scratch: string, options: Options): ReturnType<ImageBuilder>;
}

export const recipes: { readonly [Name in RecipeName]: Recipe<RecipeOptions[Name]> } = {
  tiny: {
    summary: "a few MiB, GPT, ESP and a boot partition, for unit tests",
    tools: ({ boot } = {}) => (boot === "ext4" ? extTools : []),
    build: buildTiny,
  },
  "debian-sdboot": {
    summary: "systemd-boot, BLS entries on a FAT XBOOTLDR, a small ext4 root; boots under UEFI",
    tools: () => [...debianTools, ...extTools, ...vfatTools, "sfdisk"],
    build: buildDebianSdboot,
  },
};

/** Returns the image of a recipe, built now if no run before has built it. Any number of processes may ask at once. */
export async function buildImage<Name extends RecipeName>(
  name: Name,
  options: RecipeOptions[Name] = {},
): Promise<ImageInfo> {
  const recipe = recipes[name];
  return cachedImage(name, options, (path, scratch) => recipe.build(path, scratch, options));
}
