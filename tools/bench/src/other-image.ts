import { constants } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { buildImage, partitionOf, recipes, type RecipeOptions } from "@bootstamp/test-images";
import { findTool } from "@bootstamp/witnesses";
import { grubConfiguration, type BenchBase } from "./base-image.ts";
import type { Site } from "./site.ts";
import { writeSpecFor } from "./specs.ts";

/** An image beside base.img, made when it is first asked for. */
export interface OtherImage {
  /** Without its ending: NAME.img and NAME.yaml. */
  readonly name: string;
  readonly title: string;
  readonly options: RecipeOptions["debian-grub"];
}

/** Of little content, where the large one would take too long. */
export const small: OtherImage = {
  name: "small",
  title: "an image of 512 MiB that holds little",
  options: { root: "small" },
};
/** Debian's own images for clouds, and most others, are larger than what is in them. */
export const roomy: OtherImage = {
  name: "roomy",
  title: "the same files on a disk of 3 GiB, with room as images for clouds have it",
  options: { size: 3 * 2 ** 30 },
};

/** Makes NAME.img and NAME.yaml. Returns what can be edited in it; undefined where this machine cannot make it. */
export async function makeOtherImage(
  { name, options }: OtherImage,
  { folder, say }: Site,
): Promise<Pick<BenchBase, "boot" | "configuration"> | undefined> {
  if (recipes["debian-grub"].tools().some((tool) => findTool(tool) === undefined)) return undefined;
  say(`making ${name}.img`);
  const info = await buildImage("debian-grub", options);
  await copyFile(info.path, join(folder, `${name}.img`), constants.COPYFILE_FICLONE);
  writeSpecFor(folder, name, `${name}.img`);
  return { boot: partitionOf(info, "boot"), configuration: grubConfiguration };
}
