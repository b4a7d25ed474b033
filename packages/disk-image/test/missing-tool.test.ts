import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { clock, gptOf, scratchFolder, writeTree } from "./support.ts";

vi.doMock("node:child_process", async (original) => {
  const module = await original<typeof import("node:child_process")>();
  const spawn: typeof module.spawn = (command: string, ...rest: unknown[]) =>
    Reflect.apply(module.spawn, undefined, [`/nowhere/${command}`, ...rest]);
  return { ...module, spawn };
});

// Other files of this process may have loaded it with what is mocked here, or may load it later.
vi.resetModules();
const { assembleImage } = await import("@bootstamp/disk-image");
afterAll(() => {
  vi.doUnmock("node:child_process");
  vi.resetModules();
});

test("without e2fsprogs an ext4 is refused by the name of what is missing, and FAT is not", async () => {
  const folder = scratchFolder("missing");
  const path = writeTree(join(folder, "tree"), { a: "a" });
  const request = { table: gptOf(512, [["linux-generic", 8]]), output: join(folder, "disk.img"), clock };
  const directory = { kind: "directory", path } as const;
  const ext4 = new Map([[1, { ...directory, fileSystem: "ext4" } as const]]);
  await expect(assembleImage({ ...request, contents: ext4 })).rejects.toMatchObject({
    code: "DISK_TOOL_MISSING",
    fields: { tool: "mke2fs", package: "e2fsprogs" },
    message: expect.stringMatching(/mke2fs is not installed/),
  });
  const fat = new Map([[1, { ...directory, fileSystem: "fat" } as const]]);
  expect(await assembleImage({ ...request, contents: fat })).toMatchObject({ length: 10 << 20 });
});
