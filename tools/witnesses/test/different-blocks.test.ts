import { mkdtemp, open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { differentBlocks, digestFile, requires } from "@bootstamp/witnesses";
import { beforeAll, describe, expect, test } from "vitest";

const length = 5 * 2 ** 20 + 100;
let folder = "";
const at = (name: string): string => join(folder, name);

/** A file of holes but for single bytes. */
async function sparse(name: string, offsets: readonly number[], size = length): Promise<string> {
  await using file = await open(at(name), "w");
  await file.truncate(size);
  for (const offset of offsets) await file.write(Buffer.of(1), 0, 1, offset);
  return at(name);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "blocks-"));
});

describe("of files with holes", requires("python3"), () => {
  test("every block that differs is named", async () => {
    const offsets = [0, 4095, 4096, 3 * 2 ** 20, length - 1];
    const a = await sparse("a", offsets);
    const blocks = [0, 4096, 3 * 2 ** 20, 5 * 2 ** 20];
    await expect(differentBlocks(a, await sparse("b", []))).resolves.toEqual(blocks);
    await expect(differentBlocks(await sparse("b", [2 ** 20]), a)).resolves.toEqual(
      [...blocks, 2 ** 20].toSorted((x, y) => x - y),
    );
    await expect(differentBlocks(a, await sparse("b", offsets))).resolves.toEqual([]);
  });

  test("a hole is the same as zeros that are there", async () => {
    await writeFile(at("zeros"), Buffer.alloc(length));
    const holes = await sparse("holes", []);
    await expect(differentBlocks(at("zeros"), holes)).resolves.toEqual([]);
    expect(await digestFile(holes)).toEqual(await digestFile(at("zeros")));
  });

  test("another length is an error", async () => {
    const [a, b] = [await sparse("a", []), await sparse("b", [], length + 1)];
    await expect(differentBlocks(a, b)).rejects.toThrow(/are not of one length/);
  });
});
