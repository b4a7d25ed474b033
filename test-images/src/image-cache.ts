// Images are built on demand, once, and kept: build/<recipe>/<options>-<sources and inputs>/{disk.img,info.json}. A folder
// appears under that name by one rename when it is complete, so that tests of several packages may ask for the
// same image at the same time. A lock keeps all but one of them from building it in vain. Nx starts a build but does
// not keep its output: copying to and from its cache would fill the holes of the images.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildFolder } from "./build-folder.ts";
import type { ImageInfo } from "./image-info.ts";
import { sourceText } from "./image-sources.ts";
import { whileLocked } from "./lock.ts";

/** What a recipe knows of the image it made; the cache adds the path. */
export type BuiltImage = Omit<ImageInfo, "path">;

/** Makes an image at `path`; `scratch` is an empty folder that is removed afterwards. */
export type ImageBuilder = (path: string, scratch: string) => Promise<BuiltImage>;

const imageName = "disk.img";
const infoName = "info.json";

export interface ImageRequest {
  readonly name: string;
  readonly options: object;
  /** What the image depends on beside the sources and the options. */
  readonly inputs?: string | undefined;
  /** Where images are kept. */
  readonly root?: string;
}

/**
 * Returns the image of a recipe and its options, made by `build` where no run before has made it from the same sources
 * and inputs.
 */
export async function cachedImage(request: ImageRequest, build: ImageBuilder): Promise<ImageInfo> {
  const { name, options, inputs = "", root = buildFolder } = request;
  const optionsKey = shortDigest(canonical(options));
  const recipeFolder = join(root, name);
  const folder = join(recipeFolder, `${optionsKey}-${shortDigest(`${inputs}\0${sourceText()}`)}`);
  if (isComplete(folder)) return readInfo(folder);
  await mkdir(recipeFolder, { recursive: true });
  await whileLocked(`${folder}.lock`, async () => {
    if (isComplete(folder)) return;
    await buildInto(folder, build);
    await removeOlder(recipeFolder, optionsKey, folder);
  });
  return readInfo(folder);
}

function isComplete(folder: string): boolean {
  return existsSync(join(folder, infoName));
}

async function readInfo(folder: string): Promise<ImageInfo> {
  const built: BuiltImage = JSON.parse(await readFile(join(folder, infoName), "utf8"));
  return { ...built, path: join(folder, imageName) };
}

async function buildInto(folder: string, build: ImageBuilder): Promise<void> {
  const unfinished = await mkdtemp(`${folder}.unfinished-`);
  try {
    const scratch = join(unfinished, "scratch");
    await mkdir(scratch);
    const built = await build(join(unfinished, imageName), scratch);
    await rm(scratch, { recursive: true });
    await writeFile(join(unfinished, infoName), `${JSON.stringify(built, undefined, 2)}\n`);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process was faster, after the lock of a dead one was removed twice.
    if (!isComplete(folder)) throw error;
  }
}

/** Removes images that older sources made with the same options. */
async function removeOlder(folder: string, optionsKey: string, kept: string): Promise<void> {
  const names = await readdir(folder);
  const older = names.filter((name) => new RegExp(`^${optionsKey}-[0-9a-f]{12}$`).test(name));
  const paths = older.map((name) => join(folder, name)).filter((path) => path !== kept);
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
}

function canonical(options: object): string {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
