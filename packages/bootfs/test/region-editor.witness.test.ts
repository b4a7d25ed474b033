import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { openEditor, type Edit } from "@bootstamp/bootfs";
import { requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { bytesOf, editImage, noise, sharedEditor } from "./support/edit-image.ts";
import { madeAt, makeExt, makeFat, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("editor");
const editor = sharedEditor(1);
const freshEditor = sharedEditor(1);
const pair = sharedEditor(2);

const edits: readonly Edit[] = [
  { verb: "write", path: "/new/deep/file.txt", content: bytesOf("new\n") },
  { verb: "write", path: "/large.bin", content: noise(300_000) },
  { verb: "write", path: "/old.txt", content: bytesOf("replaced by something longer than it was") },
  { verb: "append-line", path: "/old.txt", line: "line" },
  { verb: "move", from: "/moved.txt", to: "/new/moved.txt" },
  { verb: "delete", path: "/gone" },
];

async function images(): Promise<readonly string[]> {
  writeTree(`${folder}/tree`, { "old.txt": "old", "moved.txt": "moved", "gone/a": "a" });
  const tree = `${folder}/tree`;
  const paths = [`${folder}/ext`, `${folder}/fat`];
  await makeExt(`${folder}/ext`, { options: ["-t", "ext4"], tree });
  await makeFat(`${folder}/fat`, { options: ["-F", "16"], tree });
  return paths;
}

describe("the editor", requires("mke2fs", "mkfs.vfat", "mcopy"), async () => {
  const paths = await images();

  test("the same edit gives the same bytes in a new thread and in one that has worked", async () => {
    for (const path of paths) {
      const first = await editImage(editor, path, edits);
      expect(first.patch.length).toBeGreaterThan(3);
      for (const other of paths)
        await editImage(editor, other, [{ verb: "write", path: "/other", content: noise(99_999, 3) }]);
      expect(await editImage(editor, path, edits)).toEqual(first);
      expect(await editImage(freshEditor, path, edits)).toEqual(first);
    }
  });

  test("the same edit gives the same bytes in any time zone", async () => {
    const script = new URL("support/print-patch-digest.ts", import.meta.url).pathname;
    for (const path of paths) {
      const digests = [];
      for (const zone of ["UTC", "Asia/Tokyo", "America/St_Johns"]) {
        const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, script, path], {
          env: { ...process.env, TZ: zone },
        });
        digests.push(stdout);
      }
      expect(digests[0]).toMatch(/^[0-9a-f]{64}\n$/);
      expect(new Set(digests).size).toBe(1);
    }
  });

  test("the clock is the file system's own last write, unless it is given", async () => {
    const [ext = "", fat = ""] = paths;
    expect(await editImage(editor, ext, [])).toMatchObject({ clock: madeAt, patch: [] });
    // mkfs.vfat --invariant.
    expect(await editImage(editor, fat, [])).toMatchObject({
      clock: Date.UTC(2015, 2, 14, 9, 26, 52) / 1000,
      patch: [],
    });
    const dated = await editImage(editor, ext, edits, { clock: 1_700_000_000 });
    expect(dated.clock).toBe(1_700_000_000);
    expect(dated.patch).not.toEqual((await editImage(editor, ext, edits)).patch);
    expect((await editImage(editor, ext, [], { clock: 2 ** 33 })).clock).toBe(2 ** 31 - 1);
    await expect(editImage(editor, ext, [], { clock: 1.5 })).rejects.toMatchObject({ code: "BOOTFS_RANGE" });
    await expect(editImage(editor, ext, [], { clock: -1 })).rejects.toMatchObject({ code: "BOOTFS_RANGE" });
  });

  test("two variants differ in nothing but what is asked for", async () => {
    const [ext = ""] = paths;
    const variant = async (name: string) =>
      await editImage(editor, ext, [{ verb: "write", path: "/old.txt", content: bytesOf(name) }]);
    const [first, second] = [await variant("aws"), await variant("gcp")];
    const differing = first.patch.flatMap(({ offset, bytes }, index) =>
      [...bytes.keys()].filter((at) => bytes[at] !== second.patch[index]?.bytes[at]).map((at) => offset + at),
    );
    // Three bytes of content; the times are the same.
    expect(differing).toHaveLength(3);
  });

  test("many requests on few threads, failures among them", async () => {
    const [ext = "", fat = ""] = paths;
    const expected = [await editImage(pair, ext, edits), await editImage(pair, fat, edits)];
    const requests = Array.from({ length: 12 }, async (_, index) => {
      if (index % 4 === 3)
        return await editImage(pair, ext, [{ verb: "delete", path: "/nothing" }]).catch(() => "failed");
      return await editImage(pair, index % 2 === 0 ? ext : fat, edits);
    });
    const results = await Promise.all(requests);
    for (const [index, result] of results.entries()) {
      expect(result).toEqual(index % 4 === 3 ? "failed" : expected[index % 2]);
    }
  });

  test("a closed editor refuses, and what is under way or in line fails", async () => {
    const closing = openEditor({ threads: 1 });
    const [ext = ""] = paths;
    const pending = [1, 2, 3].map(
      async () => await editImage(closing, ext, edits).catch((error: unknown) => error),
    );
    await closing.close();
    for (const error of await Promise.all(pending)) expect(error).toMatchObject({ code: "BOOTFS_CLOSED" });
    await expect(editImage(closing, ext, edits)).rejects.toMatchObject({ code: "BOOTFS_CLOSED" });
    await closing.close();
  });

  test("an edit that does not end is given up", async () => {
    const impatient = openEditor({ threads: 1, timeoutSeconds: 0.5 });
    const source = { length: 1 << 20, read: () => new Promise<Uint8Array>(() => undefined) };
    const region = { offset: 0, length: 1 << 20 };
    await expect(impatient.edit({ source, region, sectorLength: 512, edits })).rejects.toMatchObject({
      code: "BOOTFS_TIMEOUT",
    });
    await impatient.close();
  });

  test("an error says which edit it was", async () => {
    const [ext = ""] = paths;
    await expect(
      editImage(editor, ext, [...edits, { verb: "kargs", append: ["a=b"] }]),
    ).rejects.toMatchObject({
      code: "KARGS_NO_FILE",
      fields: { edit: edits.length },
    });
  });
});
