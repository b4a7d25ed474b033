import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ImageInfo } from "../src/image-info.ts";
import { cachedImage, type BuiltImage, type ImageBuilder } from "../src/image-cache.ts";

let root = "";
let builds = 0;

const built: BuiltImage = {
  name: "cached",
  length: 4,
  sectorLength: 512,
  table: "gpt",
  boots: [],
  partitions: [],
};

const build: ImageBuilder = async (path, scratch) => {
  builds += 1;
  await writeFile(join(scratch, "left behind"), "");
  await writeFile(path, "data");
  return built;
};

const failing: ImageBuilder = async (path) => {
  await writeFile(path, "half");
  throw new Error("no room");
};

function image(options: object, builder: ImageBuilder, inputs?: string): Promise<ImageInfo> {
  return cachedImage({ name: "cached", options, inputs, root }, builder);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "image-cache-"));
  builds = 0;
});

afterEach(() => rm(root, { recursive: true }));

test("an image is built once, however many ask for it at the same time", async () => {
  const images = await Promise.all(Array.from({ length: 5 }, () => image({ size: 1 }, build)));
  expect(builds).toBe(1);
  expect(new Set(images.map(({ path }) => path)).size).toBe(1);
  const [first] = images;
  expect(first).toMatchObject(built);
  expect(await readFile(first?.path ?? "", "utf8")).toBe("data");
});

test("nothing but the image and its description stays behind", async () => {
  await image({}, build);
  const [folder = "", ...others] = await readdir(join(root, "cached"));
  expect(others).toEqual([]);
  expect((await readdir(join(root, "cached", folder))).toSorted()).toEqual(["disk.img", "info.json"]);
});

test("other options make another image, in whatever order they are written", async () => {
  const one = await image({ a: 1, b: 2 }, build);
  const same = await image({ b: 2, a: 1, c: undefined }, build);
  const other = await image({ a: 1, b: 3 }, build);
  expect(same.path).toBe(one.path);
  expect(other.path).not.toBe(one.path);
  expect(existsSync(one.path)).toBe(true);
});

test("a build that fails leaves nothing, and the next one succeeds", async () => {
  await expect(image({}, failing)).rejects.toThrow("no room");
  expect(await readdir(join(root, "cached"))).toEqual([]);
  await image({}, build);
  expect(builds).toBe(1);
});

test("the lock of a process that died is taken over", async () => {
  const { path } = await image({}, build);
  const folder = join(path, "..");
  await rm(folder, { recursive: true });
  await mkdir(join(root, "cached"), { recursive: true });
  // No process has this number: it is above the kernel's limit.
  await writeFile(`${folder}.lock`, "99999999");
  await image({}, build);
  expect(builds).toBe(2);
});

test("other inputs make another image, which replaces the first", async () => {
  const one = await image({}, build, "lockfile 1");
  const other = await image({}, build, "lockfile 2");
  expect(other.path).not.toBe(one.path);
  expect(existsSync(one.path)).toBe(false);
});

test("images of older sources are removed when their successor is there", async () => {
  const { path } = await image({}, build);
  const folder = join(path, "..");
  const older = folder.replace(/-[0-9a-f]{12}$/, "-0123456789ab");
  await mkdir(older);
  await rm(folder, { recursive: true });
  await image({}, build);
  expect(existsSync(older)).toBe(false);
});
