// Damaged and hostile file systems: whatever the bytes are, an edit comes to an end, and with a result or an error of
// a known code.
import { readFileSync, writeFileSync } from "node:fs";
import { bootfsErrorCodes, openEditor, openFileSystem, type Edit } from "@bootstamp/bootfs";
import { bootConfigErrorCodes } from "@bootstamp/boot-config";
import { FileSource, MemorySource } from "@bootstamp/byte-source";
import { Fault } from "@bootstamp/fault";
import fc from "fast-check";
import { requires } from "@bootstamp/witnesses";
import { afterAll, describe, expect, test } from "vitest";
import { noise } from "./support/edit-image.ts";
import { makeExt, makeFat, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("hostile");
const editor = openEditor({ threads: 2, timeoutSeconds: 30 });
afterAll(() => editor.close());

const edits: readonly Edit[] = [
  { verb: "write", path: "/dir/new.txt", content: noise(20_000) },
  { verb: "append-line", path: "/dir/file.txt", line: "line" },
  { verb: "kargs", append: ["a=b"] },
  { verb: "move", from: "/dir/file.txt", to: "/moved" },
  { verb: "delete", path: "/gone" },
];

/** A byte changed, or a run of them made one value: where metadata is dense, near the start. */
const damage = fc.array(
  fc.record({
    at: fc.oneof(fc.integer({ min: 0, max: 4095 }), fc.integer({ min: 0, max: 400_000 })),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 6 },
);

const runs = Number(process.env["HOSTILE_RUNS"] ?? 12);
const done = "done";
const foreseen: ReadonlySet<string> = new Set([done, ...bootfsErrorCodes, ...bootConfigErrorCodes]);

/** How something ended. */
async function ending(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => done,
    (error: unknown) => (error instanceof Fault ? error.code : String(error)),
  );
}

/** Lists all directories and follows all files. */
async function look(bytes: Uint8Array): Promise<void> {
  const fs = await openFileSystem(new MemorySource(bytes), { offset: 0, length: bytes.length });
  const visit = (path: string, depth: number): void => {
    for (const entry of fs.list(path).slice(0, 50)) {
      const here = `${path}/${entry.name}`;
      if (entry.kind === "directory" && depth < 8) visit(here, depth + 1);
      else if (entry.kind === "file") fs.extents(here);
    }
  };
  visit("/", 0);
}

describe("a damaged file system", requires("mke2fs", "mkfs.vfat", "mcopy"), async () => {
  writeTree(`${folder}/tree`, {
    "dir/file.txt": "text\n",
    "gone/a": noise(30_000),
    "gone/b/c": "c",
    "loader/entries/a.conf": "title A\nlinux /v\noptions quiet\n",
  });
  const tree = `${folder}/tree`;
  const makers = {
    ext2: async (path: string) =>
      await makeExt(path, { options: ["-t", "ext2", "-b", "1024"], length: 1 << 20, tree }),
    ext4: async (path: string) =>
      await makeExt(path, {
        options: ["-t", "ext4", "-O", "^metadata_csum,^has_journal"],
        length: 1 << 20,
        tree,
      }),
    fat12: async (path: string) => await makeFat(path, { options: ["-F", "12"], length: 1 << 20, tree }),
    fat32: async (path: string) =>
      await makeFat(path, { options: ["-F", "32", "-s", "1"], length: 40 << 20, tree }),
  };

  test.each(Object.entries(makers))("%s", async (name, make) => {
    const path = `${folder}/${name}`;
    await make(path);
    const sound = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const damaged = Uint8Array.from(sound);
        for (const { at, bytes } of changes) damaged.set(bytes, at);
        const source = new MemorySource(damaged);
        const region = { offset: 0, length: damaged.length };
        expect(foreseen).toContain(await ending(editor.edit({ source, region, sectorLength: 512, edits })));
        expect(foreseen).toContain(await ending(look(damaged)));
      }),
      { numRuns: runs, seed: 20_211 },
    );
  });

  test("noise all over", async () => {
    for (let seed = 1; seed < 6; seed++) {
      const path = `${folder}/noise`;
      writeFileSync(path, noise(1 << 20, seed));
      const source = FileSource.open(path);
      const request = { source, region: { offset: 0, length: 1 << 20 }, sectorLength: 512, edits: [] };
      await expect(editor.edit(request)).rejects.toMatchObject({ code: "BOOTFS_UNSUPPORTED_FILE_SYSTEM" });
      source.close();
    }
  });
});
