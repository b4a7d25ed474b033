import { constants, existsSync } from "node:fs";
import { copyFile, rename } from "node:fs/promises";
import { buildImage } from "@bootstamp/test-images";

/** Makes the base image at `path`, unless it is there. A copy, so that nothing done to it reaches the tests' image. */
export async function makeBase(path: string): Promise<{ readonly made: boolean }> {
  if (existsSync(path)) return { made: false };
  const { path: built } = await buildImage("demo");
  const unfinished = `${path}.unfinished`;
  await copyFile(built, unfinished, constants.COPYFILE_FICLONE);
  await rename(unfinished, path);
  return { made: true };
}
