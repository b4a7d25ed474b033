// nbd-client, and nbdfuse with a file system on a loop device on top.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findTool, requires, run, when } from "@bootstamp/witnesses";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { memoryExport, patterned, readOnly } from "../memory-export.ts";
import { scratchFolder, serving } from "../serving.ts";

describe("nbd-client", requires("nbd-client"), () => {
  test("lists exports over a Unix socket and over TCP", async () => {
    const exports = [memoryExport(4096, "disk"), memoryExport(4096, "boot")];
    const unix = await serving(exports);
    const path = unix.address.kind === "unix" ? unix.address.path : "";
    const listed = await run("nbd-client", ["-l", "-unix", path]);
    expect(listed).toContain("disk");
    expect(listed).toContain("boot");
    const tcp = await serving(exports, { listener: { kind: "tcp", port: 0 } });
    const port = tcp.address.kind === "tcp" ? String(tcp.address.port) : "";
    expect(await run("nbd-client", ["-l", "127.0.0.1", port])).toContain("boot");
    expect(await tcp.event("disconnected")).not.toHaveProperty("fault");
  });
});

/** Mounts an export as a file until the test ends, and returns its path. */
async function mounted(uri: string): Promise<string> {
  const folder = join(await scratchFolder(), "mnt");
  await mkdir(folder);
  const file = join(folder, "nbd");
  const child = spawn(findTool("nbdfuse") ?? "", [file, uri], { stdio: "ignore" });
  onTestFinished(async () => {
    const ended = once(child, "exit");
    await run("fusermount3", ["-u", folder]);
    await ended;
  });
  await vi.waitFor(async () => stat(file), { timeout: 120_000 });
  return file;
}

const fuse = when(process.getuid?.() === 0 && existsSync("/dev/fuse"), "needs root and /dev/fuse");

describe("nbdfuse", { ...requires("nbdfuse", "fusermount3"), ...fuse }, () => {
  test("shows an export as a file, for reading and for writing", async () => {
    const exported = memoryExport(4 << 20);
    exported.bytes.set(patterned(1 << 20));
    const server = await serving(exported);
    const file = await mounted(server.uri());
    expect((await readFile(file)).equals(exported.bytes)).toBe(true);
    await run("dd", [`of=${file}`, "bs=1M", "seek=2", "conv=notrunc,fsync", "status=none"], {
      input: patterned(1 << 20, 7),
    });
    expect(exported.bytes.subarray(2 << 20, 3 << 20).equals(patterned(1 << 20, 7))).toBe(true);
    expect(exported.calls).toContain("flush");
  });

  const loop = when(existsSync("/dev/loop-control"), "needs loop devices");

  test(
    "carries a file system that is mounted and written to",
    { ...requires("mke2fs", "e2fsck", "mount", "debugfs"), ...loop },
    async () => {
      const exported = memoryExport(16 << 20);
      const server = await serving([exported, readOnly({ ...exported, name: "ro" })]);
      const file = await mounted(server.uri());
      await run("mke2fs", ["-q", "-t", "ext4", "-F", file]);
      const target = join(await scratchFolder(), "target");
      await mkdir(target);
      await run("mount", ["-o", "loop", file, target]);
      try {
        await writeFile(join(target, "hello.txt"), "hello, world");
      } finally {
        await run("umount", [target]);
      }
      expect(exported.calls.some((call) => call.startsWith("flush"))).toBe(true);
      const image = join(await scratchFolder(), "image");
      await writeFile(image, exported.bytes);
      await run("e2fsck", ["-fn", image]);
      expect(await run("debugfs", ["-R", "cat /hello.txt", image])).toContain("hello, world");
    },
  );
});
