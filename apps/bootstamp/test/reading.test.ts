// ls, cat and unpack, of raw and stampable images, held against debugfs, mtools, dd and the formats' own programs.
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf, type ImageInfo } from "@bootstamp/test-images";
import { debugfs, mtools, requires, run, runBytes, when } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { formats } from "../src/formats.ts";
import { eventsOf, program, runCommand } from "./support/command.ts";
import { canLoop, loopDevice } from "./support/loop-device.ts";
import { workplace } from "./support/workplace.ts";

/** The raw image and, in a temporary folder, a stampable one of each format. */
async function imagesOf(info: ImageInfo): Promise<{ folder: string; all: string[] }> {
  const folder = workplace();
  const packed = formats.map(({ extension }) => join(folder, `base${extension}`));
  for (const path of packed)
    expect(await runCommand(["prepare", info.path, "-o", path])).toMatchObject({ status: 0 });
  return { folder, all: [info.path, ...packed] };
}

/** What a command writes to standard output when that is a pipe. */
async function output(words: readonly string[]): Promise<Buffer> {
  const [command = "", ...args] = program;
  return await runBytes(command, [...args, ...words]);
}

describe("ls and cat --file", () => {
  test("of ext4 show what debugfs shows, through links", requires("debugfs", "mke2fs"), async () => {
    const info = await buildImage("tiny", { boot: "ext4" });
    const { offset } = partitionOf(info, "boot");
    const entry = "/loader.1/entries";
    const listed = await debugfs(info.path, [`ls -p ${entry}`], { offset });
    // inode / mode / uid / gid / name / size
    const expected = [...listed.matchAll(/^\/\d+\/(\d+)\/(\d+)\/(\d+)\/([^/]+)\/(\d+)\/$/gm)].map(
      ([, mode = "", uid, gid, name, length]) => ({
        name,
        mode: mode.slice(-4),
        uid: Number(uid),
        gid: Number(gid),
        length: Number(length),
      }),
    );
    expect(expected.length).toBeGreaterThan(0);
    const content = await debugfs(info.path, [`cat ${entry}/${expected[0]?.name}`], { offset });
    const { all } = await imagesOf(info);
    for (const image of all) {
      const outcome = await runCommand(["ls", image, "/loader/entries", "--json"]);
      expect(outcome).toMatchObject({ status: 0, err: "" });
      const [event] = eventsOf(outcome);
      expect(event?.["entries"]).toEqual(expected.map((each) => expect.objectContaining(each)));
      const words = ["cat", image, "--file", `/loader/entries/${expected[0]?.name}`];
      expect((await output(words)).toString()).toBe(content);
    }
    const shown = await runCommand(["ls", info.path]);
    expect(shown.out).toMatch(/^l0777 .* loader -> loader\.1$/m);
    expect(shown.out).toMatch(/^d0755 +0:0 .* loader\.1$/m);
  });

  test("of FAT show what mtools show", requires("mcopy", "mdir"), async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    const { offset } = partitionOf(info, "boot");
    const names = (await mtools("mdir", info.path, offset, ["-b", "::/"])).trim().split("\n").toSorted();
    const { out } = await runCommand(["ls", info.path, "/", "--region", "boot", "--json"]);
    const [event] = eventsOf({ out });
    const entries = event?.["entries"] as readonly { name: string; kind: string }[];
    const shown = entries.map(({ name, kind }) => `::/${name}${kind === "directory" ? "/" : ""}`);
    expect(shown.toSorted()).toEqual(names);
  });

  test("of what is not there say so", async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    const missing = await runCommand(["ls", info.path, "/nothing/here"]);
    expect(missing).toMatchObject({ status: 1, out: "" });
    expect(missing.err).toContain("/nothing");
    expect(await runCommand(["ls", info.path, "--region", "nobody"])).toMatchObject({ status: 2 });
    expect(await runCommand(["cat", info.path])).toMatchObject({ status: 2 });
    expect(await runCommand(["cat", info.path, "--range", "1:2", "--file", "/x"])).toMatchObject({
      status: 2,
    });
    expect(await runCommand(["cat", info.path, "--range", "x"])).toMatchObject({ status: 2 });
    const beyond = await runCommand(["cat", info.path, "--range", `${info.length}:1`]);
    expect(beyond.status).toBe(2);
    expect(beyond.err).toContain(`the image has ${info.length}`);
  });
});

test("cat gives ranges and partitions byte for byte", async () => {
  const info = await buildImage("tiny", { boot: "fat16" });
  const raw = readFileSync(info.path);
  const { offset, length } = partitionOf(info, "boot");
  const { all } = await imagesOf(info);
  for (const image of all) {
    const part = await output(["cat", image, "--partition", "boot"]);
    expect(part.equals(raw.subarray(offset, offset + length))).toBe(true);
    const range = await output(["cat", image, "--range", `${offset - 700}:3000001`]);
    expect(range.equals(raw.subarray(offset - 700, offset - 700 + 3_000_001))).toBe(true);
  }
});

describe("unpack", () => {
  test("tells how far it is", async () => {
    const { path, length } = await buildImage("tiny", { boot: "fat16" });
    const folder = workplace();
    const packed = join(folder, "base.zst");
    expect(await runCommand(["prepare", path, "-o", packed, "--level", "1"])).toMatchObject({ status: 0 });
    for (const image of [packed, path]) {
      const unpacked = await runCommand(["unpack", image, "-o", join(folder, "raw"), "--json"]);
      const progress = eventsOf(unpacked).filter(({ event }) => event === "progress");
      expect(progress.length).toBeGreaterThan(0);
      for (const each of progress) expect(each).toMatchObject({ task: "unpack", total: length });
      expect(progress.at(-1)).toMatchObject({ done: length });
    }
  });

  test("gives the raw image, sparse, or as a stream", requires("cmp"), async () => {
    const info = await buildImage("tiny", { boot: "ext4" });
    const { folder, all } = await imagesOf(info);
    const [raw = "", ...packed] = all;
    for (const image of packed) {
      const target = join(folder, "unpacked");
      expect(await runCommand(["unpack", image, "-o", target])).toMatchObject({ status: 0, err: "" });
      await run("cmp", [target, raw]);
      expect(statSync(target).blocks).toBeLessThanOrEqual(statSync(raw).blocks + 64);
      const stream = await output(["unpack", image, "-o", "-"]);
      expect(stream.equals(readFileSync(raw))).toBe(true);
    }
  });

  test("leaves nothing of a damaged file, and refuses to overwrite what it reads", async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    const { folder, all } = await imagesOf(info);
    const [, packed = ""] = all;
    const same = await runCommand(["unpack", packed, "-o", packed]);
    expect(same).toMatchObject({ status: 1 });
    expect(same.err).toContain("cannot write");
    const bytes = readFileSync(packed);
    bytes.fill(0xa5, bytes.length >> 1, (bytes.length >> 1) + 64);
    writeFileSync(packed, bytes);
    const target = join(folder, "unpacked");
    expect(await runCommand(["unpack", packed, "-o", target])).toMatchObject({ status: 1 });
    expect(existsSync(target)).toBe(false);
  });

  test("of a raw image is a sparse copy", requires("cmp"), async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    const target = join(workplace(), "copied");
    expect(await runCommand(["unpack", info.path, "-o", target])).toMatchObject({ status: 0 });
    await run("cmp", [info.path, target]);
    const { blocks, size } = statSync(target);
    expect(blocks * 512).toBeLessThan(size);
  });

  test(
    "writes onto the device that was meant, and no other",
    when(canLoop(), "no loop device can be had here"),
    async () => {
      const info = await buildImage("tiny", { boot: "fat16" });
      const { folder, all } = await imagesOf(info);
      const [, packed = ""] = all;
      const disk = join(folder, "the-disk.img");
      writeFileSync(disk, Buffer.alloc(info.length + 4096, 0xff));
      const device = await loopDevice(disk);
      const unnamed = await runCommand(["unpack", packed, "-o", device]);
      expect(unnamed).toMatchObject({ status: 2 });
      expect(unnamed.err).toContain("the-disk.img");
      const other = await runCommand(["unpack", packed, "-o", device, "--device", "Other Disk"]);
      expect(other).toMatchObject({ status: 2 });
      expect(readFileSync(disk)[0]).toBe(0xff);
      const meant = ["unpack", packed, "-o", device, "--device", "the-disk.img"];
      expect(await runCommand(meant)).toMatchObject({ status: 0 });
      await run("cmp", ["-n", String(info.length), disk, info.path]);
      expect(
        readFileSync(disk)
          .subarray(info.length)
          .every((byte) => byte === 0xff),
      ).toBe(true);
      truncateSync(disk, 4096 * 16);
      await run("losetup", ["--set-capacity", device]);
      const small = await runCommand(meant);
      expect(small).toMatchObject({ status: 1 });
      expect(small.err).toContain(`the image has ${info.length} bytes`);
    },
  );
});
