import { readFileSync, writeFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { FileSource, MemorySource } from "@bootstamp/byte-source";
import { e2fsck, readExtFile, requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { applyPatch, bytesOf, editImage, noise, sharedEditor } from "./support/edit-image.ts";
import { makeExt, makeFat } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("window");
const editor = sharedEditor(1);
const length = 4 << 20;

/** A file system in the midst of other bytes. */
async function placed(name: string, offset: number, after: number, make = makeExt): Promise<string> {
  const part = `${folder}/${name}.part`;
  await make(part, { length });
  const path = `${folder}/${name}.img`;
  writeFileSync(path, Buffer.concat([noise(offset, 7), readFileSync(part), noise(after, 8)]));
  return path;
}

const edits = [{ verb: "write", path: "/new/file.bin", content: noise(30_000) }] as const;

describe("a region of an image", requires("mke2fs", "mkfs.vfat", "e2fsck", "debugfs"), () => {
  // Whole blocks, the sector of old partitioning tools, an end in the midst of a block, an image of odd length.
  test.each([
    ["at the start", 0, 0],
    ["aligned", 1 << 20, 1 << 20],
    ["at sector 63", 63 * 512, 63 * 512],
    ["at sector 1, to the end", 512, 0],
    ["at sector 7, with an odd tail", 7 * 512, 777],
  ])("%s: blocks are aligned in the image, and what lies around stays", async (name, offset, after) => {
    const path = await placed(name.replaceAll(/\W/g, "-"), offset, after);
    const { patch } = await editImage(editor, path, edits, { region: { offset, length } });
    const before = readFileSync(path);
    applyPatch(path, patch, `${path}.out`);
    const out = readFileSync(`${path}.out`);
    expect(out.subarray(0, offset).equals(before.subarray(0, offset))).toBe(true);
    expect(out.subarray(offset + length).equals(before.subarray(offset + length))).toBe(true);
    let end = -1;
    for (const run of patch) {
      expect(run.offset).toBeGreaterThan(end);
      end = run.offset + run.bytes.length;
      expect(run.offset % 4096).toBe(0);
      expect(end % 4096 === 0 || end === before.length).toBe(true);
      expect(run.replacedCrc32).toBe(crc32(before.subarray(run.offset, end)));
      for (let at = run.offset; at < end; at += 4096) {
        expect(out.subarray(at, at + 4096).equals(before.subarray(at, at + 4096))).toBe(false);
      }
    }
    await e2fsck(`${path}.out`, offset);
    expect((await readExtFile(`${path}.out`, "/new/file.bin", offset)).equals(noise(30_000))).toBe(true);
  });

  test("a source in memory gives the same as the file", async () => {
    for (const make of [makeExt, makeFat]) {
      const path = await placed(make.name, 63 * 512, 0, make);
      const region = { offset: 63 * 512, length };
      const source = new MemorySource(readFileSync(path));
      const fromFile = await editImage(editor, path, edits, { region });
      expect(await editor.edit({ source, region, sectorLength: 512, edits })).toEqual(fromFile);
      expect(fromFile.patch.length).toBeGreaterThan(0);
    }
  });

  test("a region that does not lie in the image", async () => {
    const path = await placed("outside", 0, 0);
    for (const region of [
      { offset: 0, length: length + 1 },
      { offset: length, length: 512 },
      { offset: -1, length: 512 },
      { offset: 0, length: 0 },
      { offset: 0.5, length: 512 },
    ]) {
      await expect(editImage(editor, path, edits, { region })).rejects.toMatchObject({
        code: "BOOTFS_RANGE",
      });
    }
  });

  test("a file that is not any more what it was", async () => {
    const path = await placed("changed", 0, 0);
    const source = FileSource.open(path);
    writeFileSync(path, noise(length));
    const request = { source, region: { offset: 0, length }, sectorLength: 512, edits };
    await expect(editor.edit(request)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    source.close();
  });

  test("a source that fails fails the edit with its own error", async () => {
    const path = await placed("failing", 0, 0);
    const memory = new MemorySource(readFileSync(path));
    let reads = 0;
    const source = {
      length,
      read: async (offset: number, count: number) => {
        if (++reads > 12) throw new RangeError(`no more after ${reads}`);
        return await memory.read(offset, count);
      },
    };
    const request = { source, region: { offset: 0, length }, sectorLength: 512, edits };
    await expect(editor.edit(request)).rejects.toThrow(/no more after 13/);
    await expect(
      editImage(editor, path, [{ verb: "write", path: "/x", content: bytesOf("x") }]),
    ).resolves.toBeDefined();
  });
});
