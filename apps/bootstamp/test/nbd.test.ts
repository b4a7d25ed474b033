// Images served over NBD, held against real clients.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { requires, run } from "@bootstamp/witnesses";
import { describe, expect, test, vi } from "vitest";
import { formats } from "../src/formats.ts";
import { spawnCommand, startCommand } from "./support/command.ts";
import { workplace } from "./support/workplace.ts";

vi.setConfig({ testTimeout: 240_000 });

const clients = requires("qemu-img", "nbdinfo", "nbdcopy", "cmp");

async function serveAnd(image: string, command: string): Promise<string> {
  const { status, out, err } = await spawnCommand(["nbd", image, "--run", command]);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return out;
}

describe("nbd", () => {
  test.each(formats.map(({ extension }) => extension))(
    "serves a %s as the raw image",
    clients,
    async (extension) => {
      const info = await buildImage("tiny", { boot: "ext4" });
      const { number, offset, length } = partitionOf(info, "boot");
      const folder = workplace();
      const packed = join(folder, `base${extension}`);
      expect(await spawnCommand(["prepare", info.path, "-o", packed])).toMatchObject({ status: 0 });
      await serveAnd(packed, `qemu-img compare -f raw -F raw "$uri" '${info.path}'`);
      const part = join(folder, "part");
      await serveAnd(packed, `nbdcopy "nbd+unix:///p${number}?socket=$unixsocket" '${part}'`);
      const raw = readFileSync(info.path);
      expect(readFileSync(part).equals(raw.subarray(offset, offset + length))).toBe(true);
      const listed = await serveAnd(packed, `nbdinfo --list --json "$uri"`);
      const { exports } = JSON.parse(listed) as {
        exports: { "export-name": string; "export-size": number }[];
      };
      const sizes = Object.fromEntries(exports.map((one) => [one["export-name"], one["export-size"]]));
      expect(sizes).toEqual({
        "": info.length,
        ...Object.fromEntries(info.partitions.map((one) => [`p${one.number}`, one.length])),
      });
    },
  );

  test("tells holes, which nbdkit's filters cannot", clients, async () => {
    const info = await buildImage("debian-sdboot");
    const packed = join(workplace(), "base.zst");
    expect(await spawnCommand(["prepare", info.path, "-o", packed, "--level", "1"])).toMatchObject({
      status: 0,
    });
    const map = await serveAnd(packed, `nbdinfo --map=base:allocation --json "$uri"`);
    const runs = JSON.parse(map) as { offset: number; length: number; type: number }[];
    expect(runs.reduce((sum, { length }) => sum + length, 0)).toBe(info.length);
    const raw = readFileSync(info.path);
    const holes = runs.filter(({ type }) => type === 3);
    expect(holes.length).toBeGreaterThan(0);
    for (const { offset, length } of holes)
      expect(raw.subarray(offset, offset + length).equals(Buffer.alloc(length))).toBe(true);
  });

  test("ends with the status of what it runs, and says what is wrong", clients, async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    expect(await spawnCommand(["nbd", info.path, "--run", "exit 7"])).toMatchObject({ status: 7, err: "" });
    expect(await spawnCommand(["nbd", "/nothing", "--run", "true"])).toMatchObject({ status: 1 });
    expect(await spawnCommand(["nbd", info.path, "--unix", "/x", "--port", "1"])).toMatchObject({
      status: 2,
    });
    expect(await spawnCommand(["nbd", info.path, "--tls", "required"])).toMatchObject({ status: 2 });
  });

  test("serves until it is interrupted, and leaves no socket", clients, async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    const folder = workplace();
    const socket = join(folder, "socket");
    const { child, outcome } = startCommand(["nbd", info.path, "--unix", socket]);
    let shown = "";
    for await (const text of child.stdout ?? []) if ((shown += String(text)).includes("Ctrl-C")) break;
    expect(shown).toContain(`nbd+unix:///p1?socket=${socket}`);
    const size = await run("nbdinfo", ["--size", `nbd+unix:///?socket=${socket}`]);
    expect(Number(size)).toBe(info.length);
    child.kill("SIGINT");
    expect(await outcome).toMatchObject({ status: 0 });
    await expect(run("nbdinfo", ["--size", `nbd+unix:///?socket=${socket}`])).rejects.toThrow(/nbdinfo/);
  });
});
