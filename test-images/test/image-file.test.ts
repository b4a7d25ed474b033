import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeImage } from "../src/image-file.ts";
import { noise } from "../src/pattern.ts";

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "image-file-"));
});

afterAll(() => rm(folder, { recursive: true }));

test("an image holds its parts at their places and holes elsewhere", async () => {
  const bytes = noise(10_001, 1);
  const file = Buffer.concat([noise(5000, 2), Buffer.alloc(3 << 20), noise(77, 3)]);
  await writeFile(at("file"), file);
  writeImage(at("image"), 16 << 20, [
    { offset: 123, content: bytes },
    { offset: 4 << 20, content: { hostPath: at("file") } },
  ]);
  const expected = Buffer.alloc(16 << 20);
  bytes.copy(expected, 123);
  file.copy(expected, 4 << 20);
  expect((await readFile(at("image"))).equals(expected)).toBe(true);
  expect((await stat(at("image"))).blocks * 512).toBeLessThan(1 << 20);
});
