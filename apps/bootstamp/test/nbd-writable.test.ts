// A partition that is written to inside a compressed file, by real clients, held against what reads such files.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { requires, run, runBytes, when } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { runCommand, spawnCommand } from "./support/command.ts";
import { serveImage, withFuse } from "./support/serving.ts";
import { workplace } from "./support/workplace.ts";

const tools = requires(
  "nbdfuse",
  "nbdcopy",
  "fusermount3",
  "debugfs",
  "mke2fs",
  "e2fsck",
  "mount",
  "qemu-io",
  "gzip",
  "xz",
  "zstd",
);
const fuse = when(
  process.getuid?.() === 0 && existsSync("/dev/fuse") && existsSync("/dev/loop-control"),
  "needs root, /dev/fuse and loop devices",
);

const info = await buildImage("tiny", { boot: "ext4" });
const boot = partitionOf(info, "boot");
const exportName = `p${boot.number}`;

async function prepared(extension: string): Promise<string> {
  const path = join(workplace(), `base${extension}`);
  expect(await runCommand(["prepare", info.path, "-o", path])).toMatchObject({ status: 0 });
  return path;
}

/** The raw image as the format's own program decodes it, and with what it has checked. */
async function decoded(path: string): Promise<Buffer> {
  const tool = path.endsWith(".gz") ? "gzip" : path.endsWith(".xz") ? "xz" : "zstd";
  return await runBytes(tool, ["-dc", path]);
}

/** What is in /boot of a file, which must be a clean file system there; all else must be as it was. */
async function bootOf(path: string): Promise<string> {
  const raw = await decoded(path);
  const before = readFileSync(info.path);
  for (const [from, to] of [
    [0, boot.offset],
    [boot.offset + boot.length, info.length],
  ] as const)
    expect(raw.subarray(from, to).equals(before.subarray(from, to))).toBe(true);
  const part = join(workplace(), "part");
  writeFileSync(part, raw.subarray(boot.offset, boot.offset + boot.length));
  await run("e2fsck", ["-fn", part]);
  return await run("debugfs", ["-R", "cat /hello.txt", part]);
}

/** Ways to put a file into the file system of an export. */
const writers: Readonly<Record<string, (file: string) => Promise<void>>> = {
  ".gz": async (file) => {
    const target = join(workplace(), "target");
    mkdirSync(target);
    await run("mount", ["-o", "loop", file, target]);
    try {
      writeFileSync(join(target, "hello.txt"), "hello, world");
    } finally {
      await run("umount", [target]);
    }
  },
  ".xz": async (file) => {
    const hello = join(workplace(), "hello.txt");
    writeFileSync(hello, "hello, world");
    await run("debugfs", ["-w", "-R", `write ${hello} hello.txt`, file]);
  },
  ".zst": async (file) => {
    const folder = workplace();
    writeFileSync(join(folder, "hello.txt"), "hello, world");
    await run("mke2fs", ["-q", "-F", "-t", "ext4", "-d", folder, file]);
  },
};

describe.each(Object.entries(writers))(
  "a writable /boot in a %s",
  { ...tools, ...fuse },
  (extension, writeTo) => {
    test("is a file system for others, and a file that ordinary tools read: on a flush, and at the end", async () => {
      const path = await prepared(extension);
      const served = await serveImage(path, "--writable", "boot");
      await withFuse(served.uri(exportName), writeTo);
      await run("qemu-io", ["-f", "raw", "-c", "flush", served.uri(exportName)]);
      expect(await bootOf(path)).toContain("hello, world");
      expect(await served.end()).toMatchObject({ status: 0, err: "" });
      expect(readdirSync(join(path, ".."))).toEqual([`base${extension}`]);
      expect(await bootOf(path)).toContain("hello, world");
      expect(await runCommand(["cat", path, "--file", "/hello.txt"])).toMatchObject({ status: 0, err: "" });
    });
  },
);

/** Kills the server of a file while that has writes which were not flushed. */
async function cutOff(path: string): Promise<void> {
  const served = await serveImage(path, "--writable", "boot");
  const words = ["-f", "raw", "-t", "writeback", "-c", "write -P 7 1M 200k"];
  await run("qemu-io", [...words, "-c", "write -P 9 1100k 100k", "-c", "abort", served.uri(exportName)], {
    statuses: [0, 1, 134],
  }).catch(() => undefined);
  await served.kill();
}

function expectWritten(raw: Buffer): void {
  const written = raw.subarray(boot.offset + (1 << 20), boot.offset + (1 << 20) + 200 * 1024);
  expect(written.subarray(0, 76 * 1024).every((byte) => byte === 7)).toBe(true);
  expect(written.subarray(76 * 1024, 176 * 1024).every((byte) => byte === 9)).toBe(true);
}

describe("a file whose server was killed", tools, () => {
  test("is refused, and repaired with what was written", async () => {
    const path = await prepared(".zst");
    await cutOff(path);
    for (const command of [["verify"], ["cat", "--range", "0:1"], ["nbd", "--run", "true"]])
      expect(await runCommand([...command, path])).toMatchObject({ status: 1 });
    expect(await runCommand(["repair", path])).toMatchObject({
      status: 0,
      out: expect.stringContaining("kept"),
    });
    expectWritten(await decoded(path));
  });

  test.each(Object.keys(writers))(
    "is repaired by the next server that may write to it: %s",
    async (extension) => {
      const path = await prepared(extension);
      await cutOff(path);
      expect(await runCommand(["verify", path])).toMatchObject({ status: 1 });
      const served = await serveImage(path, "--writable", "boot");
      const words = ["-f", "raw", "-c", "read -P 9 1100k 100k", "-c", "write -P 5 2M 4k"];
      expect(await run("qemu-io", [...words, served.uri(exportName)])).not.toContain("failed");
      expect(await served.end()).toMatchObject({ status: 0, err: "", out: expect.stringContaining("kept") });
      const raw = await decoded(path);
      expectWritten(raw);
      const at = boot.offset + (2 << 20);
      expect(raw.subarray(at, at + 4096).every((byte) => byte === 5)).toBe(true);
      expect(readdirSync(join(path, ".."))).toEqual([`base${extension}`]);
    },
  );
});

describe("what may not be written", tools, () => {
  test("other partitions, and the whole image outside of the region", async () => {
    const path = await prepared(".zst");
    const copy = join(workplace(), "copy");
    const script = [
      'qemu-io -f raw -c "write -P 1 0 512" "$uri"',
      `qemu-io -f raw -c "write -P 1 ${boot.offset + 4096} 512" "$uri"`,
      'qemu-io -f raw -c "write -P 1 0 512" "nbd+unix:///p1?socket=$unixsocket"',
      `nbdcopy "$uri" '${copy}'`,
    ].join("; ");
    const { status, out, err } = await spawnCommand(["nbd", path, "--writable", "boot", "--run", script]);
    expect(status).toBe(0);
    expect(out).toMatch(/^write failed: Operation not permitted\nwrote 512\/512 /);
    expect(err).toContain("not all in what may be written to");
    expect(err).toContain("Permission denied");
    const wanted = readFileSync(info.path).fill(1, boot.offset + 4096, boot.offset + 4608);
    expect(readFileSync(copy).equals(wanted)).toBe(true);
  });

  test("a partition that is not stored, an image that has no stored parts, a URL", async () => {
    const path = await prepared(".gz");
    const refused = await runCommand(["nbd", path, "--writable", "label=root", "--run", "true"]);
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining("--cow") });
    const raw = await runCommand(["nbd", info.path, "--writable", "boot", "--run", "true"]);
    expect(raw).toMatchObject({ status: 2, err: expect.stringContaining("--cow") });
    const url = await runCommand([
      "nbd",
      "http://127.0.0.1:1/base.gz",
      "--writable",
      "boot",
      "--run",
      "true",
    ]);
    expect(url).toMatchObject({ status: 2, err: expect.stringContaining("a URL leads to takes --cow") });
  });

  test("a file that somebody else writes to", async () => {
    const path = await prepared(".gz");
    await serveImage(path, "--writable", "boot");
    for (const words of [
      ["nbd", path, "--writable", "boot", "--run", "true"],
      ["stamp", path, "--in-place", "--karg-append", "quiet"],
    ])
      expect(await runCommand(words)).toMatchObject({
        status: 1,
        err: expect.stringContaining("being changed in place by process"),
      });
  });
});
