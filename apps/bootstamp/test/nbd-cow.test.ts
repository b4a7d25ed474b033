// Writes anywhere in an image that stays as it is, by real clients, and what is stamped from them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { requires, run, runBytes } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { runCommand, spawnCommand } from "./support/command.ts";
import { serveImage } from "./support/serving.ts";
import { workplace } from "./support/workplace.ts";

const tools = requires("qemu-io", "qemu-img", "nbdcopy", "xz");
const info = await buildImage("tiny", { boot: "ext4" });
const boot = partitionOf(info, "boot");

async function write(uri: string, ...commands: readonly string[]): Promise<void> {
  const printed = await run("qemu-io", ["-f", "raw", ...commands.flatMap((line) => ["-c", line]), uri]);
  expect(printed).not.toMatch(/failed|error/i);
}

/** The image with a byte written over and over into ranges of it. */
function expected(...writes: readonly (readonly [byte: number, offset: number, count: number])[]): Buffer {
  const raw = Buffer.from(readFileSync(info.path));
  for (const [byte, offset, count] of writes) raw.fill(byte, offset, offset + count);
  return raw;
}

describe("nbd --cow", tools, () => {
  test("makes a stamp of what is written, session by session, and leaves the base", async () => {
    const folder = workplace();
    const [base, stamp, out] = ["base.xz", "a.stamp", "out.xz"].map((name) => join(folder, name));
    if (base === undefined || stamp === undefined || out === undefined) throw new Error("no names");
    expect(await runCommand(["prepare", info.path, "-o", base])).toMatchObject({ status: 0 });
    const before = readFileSync(base);
    const first = await serveImage(base, "--cow", stamp);
    await write(first.uri(`p${boot.number}`), "write -P 7 5000 10000", "flush");
    await write(first.uri(), `write -z ${boot.offset + 6000} 2000`);
    expect(await first.end()).toMatchObject({ status: 0, err: "", out: expect.stringContaining("saved") });
    const script = `qemu-io -f raw -c "read -P 7 5000 1000" -c "write -P 8 1M 512" "nbd+unix:///p${boot.number}?socket=$unixsocket"`;
    const again = await spawnCommand(["nbd", base, "--cow", stamp, "--run", script]);
    expect(again).toMatchObject({ status: 0, err: "", out: expect.not.stringContaining("failed") });
    expect(readFileSync(base).equals(before)).toBe(true);
    expect(await runCommand(["stamp", base, stamp, "-o", out])).toMatchObject({ status: 0, err: "" });
    const raw = await runBytes("xz", ["-dc", out]);
    const { offset } = boot;
    const wanted = expected(
      [7, offset + 5000, 10_000],
      [0, offset + 6000, 2000],
      [8, offset + (1 << 20), 512],
    );
    expect(raw.equals(wanted)).toBe(true);
    expect(readdirSync(folder).toSorted()).toEqual(["a.stamp", "base.xz", "out.xz"]);
  });

  test("over a qcow2 image, anywhere; killed, it goes on with what was flushed", async () => {
    const folder = workplace();
    const [base, stamp, out] = ["base.qcow2", "a.stamp", "out.raw"].map((name) => join(folder, name));
    if (base === undefined || stamp === undefined || out === undefined) throw new Error("no names");
    await run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", info.path, base]);
    const first = await serveImage(base, "--cow", stamp);
    await write(first.uri(), "write -P 9 100 3M", "flush");
    await first.kill();
    const second = await serveImage(base, "--cow", stamp);
    const copy = join(folder, "copy");
    await run("nbdcopy", [second.uri(), copy]);
    expect(readFileSync(copy).equals(expected([9, 100, 3 << 20]))).toBe(true);
    expect(await second.end()).toMatchObject({ status: 0, err: expect.stringContaining("goes on") });
    expect(await runCommand(["stamp", info.path, stamp, "-o", out])).toMatchObject({ status: 0 });
    expect(readFileSync(out).equals(readFileSync(copy))).toBe(true);
  });

  test("says so where the base stores less than was changed, and refuses what makes no sense", async () => {
    const folder = workplace();
    const base = join(folder, "base.zst");
    const stamp = join(folder, "a.stamp");
    expect(await runCommand(["prepare", info.path, "-o", base])).toMatchObject({ status: 0 });
    const script = 'qemu-io -f raw -c "write -P 3 0 512" "$uri"';
    expect(await spawnCommand(["nbd", base, "--cow", stamp, "--run", script])).toMatchObject({
      status: 0,
      err: expect.stringContaining("changes more than"),
    });
    const both = ["nbd", base, "--cow", stamp, "--writable", "boot", "--run", "true"];
    expect(await runCommand(both)).toMatchObject({ status: 2 });
    expect(await runCommand(["nbd", base, "--cow", base, "--run", "true"])).toMatchObject({ status: 1 });
    const other = await buildImage("tiny", { boot: "fat16" });
    expect(await runCommand(["nbd", other.path, "--cow", stamp, "--run", "true"])).toMatchObject({
      status: 1,
      err: expect.stringContaining("another base"),
    });
  });
});
