import { constants } from "node:fs";
import { copyFile } from "node:fs/promises";
import {
  buildImage,
  partitionOf,
  recipes,
  type ImageInfo,
  type ImagePartition,
} from "@bootstamp/test-images";
import { findTool } from "@bootstamp/witnesses";
import { isTiny } from "./tiny.ts";

/** The image that most benchmarks are about. */
export interface BenchBase {
  readonly recipe: "debian-grub" | "demo";
  readonly length: number;
  readonly boot: ImagePartition;
  /** A small file in the boot partition that holds kernel arguments. */
  readonly configuration: string;
}

/** Copies the largest image that this machine can build to `path`: whatever else is built meanwhile, it stays. */
export async function takeBase(path: string): Promise<BenchBase> {
  const built = await buildLargest();
  await copyFile(built.info.path, path, constants.COPYFILE_FICLONE);
  return { ...built, length: built.info.length, boot: partitionOf(built.info, "boot") };
}

/** In the boot partition of every image of `debian-grub`. */
export const grubConfiguration = "/grub/grub.cfg";

type Built = Pick<BenchBase, "recipe" | "configuration"> & { readonly info: ImageInfo };

async function buildLargest(): Promise<Built> {
  if (!isTiny && recipes["debian-grub"].tools().every((tool) => findTool(tool) !== undefined)) {
    const info = await buildImage("debian-grub");
    return { recipe: "debian-grub", configuration: grubConfiguration, info };
  }
  const info = await buildImage("demo");
  return { recipe: "demo", configuration: "/loader/entries/demo-6.1.0-demo.conf", info };
}
