// ext file systems shrunk by resize2fs, held against e2fsck and our own reader.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { openFileSystem } from "@bootstamp/bootfs";
import { FileSource } from "@bootstamp/byte-source";
import {
  assembleImage,
  planRelayout,
  relayout,
  type RelayoutChoices,
  type RelayoutPlan,
} from "@bootstamp/disk-image";
import { copyRange, debugfs, e2fsck, requires, run, sgdiskVerify } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { clock, gptOf, mebibyte, noise, scratchFolder, writeTree } from "./support.ts";

const folder = scratchFolder("shrink");
const table = gptOf(512, [
  ["esp", 1],
  ["xbootldr", 64],
  ["root-x86-64", 8],
]);
const source = join(folder, "what? old.img");
const output = join(folder, "new.img");

async function makeOld(): Promise<void> {
  const path = writeTree(join(folder, "boot"), {
    vmlinuz: noise(9 * mebibyte),
    "grub/grub.cfg": "quiet\n",
    l: "-> vmlinuz",
  });
  const boot = { kind: "directory", path, fileSystem: "ext4", label: "boot" } as const;
  await assembleImage({ table, contents: new Map([[2, boot]]), output: source, clock });
}

async function make(choices: RelayoutChoices): Promise<RelayoutPlan> {
  const file = FileSource.open(source);
  try {
    return await relayout({ source: file, plan: await planRelayout({ source: file, choices }), output });
  } finally {
    file.close();
  }
}

async function checkedVolume({ moves }: RelayoutPlan): Promise<string> {
  const move = moves.find(({ number }) => number === 2);
  const volume = join(folder, "volume.img");
  await copyRange(output, move?.to ?? { offset: 0, length: 0 }, volume);
  await e2fsck(volume);
  return volume;
}

describe("an ext4", requires("resize2fs", "e2fsck", "mke2fs", "sgdisk"), () => {
  test("is shrunk to what is in use and a reserve, and moved, the same each time", async () => {
    await makeOld();
    const choices = { partition: { number: 2 }, shrink: { reserve: 3 * mebibyte }, last: true };
    const done = await make(choices);
    await sgdiskVerify(output);
    await checkedVolume(done);
    const move = done.moves.find(({ number }) => number === 2);
    if (move === undefined) throw new Error("partition 2 is not there");
    expect(move).toMatchObject({ content: "shrunk", fileSystem: "ext4", to: { offset: 10 * mebibyte } });
    expect(move.to.length).toBeLessThan(24 * mebibyte);
    expect(done.clock).toBe(clock);
    const file = FileSource.open(output);
    const view = await openFileSystem(file, move.to);
    expect(view.identity).toMatchObject({ label: "boot", length: move.to.length });
    expect(view.freeBytes()).toBeGreaterThan(3 * mebibyte - 65_536);
    expect(Buffer.compare(view.read("/l"), noise(9 * mebibyte))).toBe(0);
    file.close();
    expect(statSync(output).size).toBe(10 * mebibyte + move.to.length + mebibyte);
    const first = readFileSync(output);
    await make(choices);
    expect(readFileSync(output).equals(first)).toBe(true);
  });

  test("is shrunk to a length, in its place", async () => {
    await makeOld();
    const done = await make({ partition: { label: "boot" }, shrink: { length: 30 * mebibyte } });
    await checkedVolume(done);
    expect(done.moves.map(({ number, to }) => [number, to.offset / mebibyte, to.length / mebibyte])).toEqual([
      [1, 1, 1],
      [2, 2, 30],
      [3, 32, 8],
    ]);
    expect(done.notes).toEqual([]);
  });

  test("is not shrunk below what it needs, and the missing bytes are said", async () => {
    await makeOld();
    await expect(make({ partition: { number: 2 }, shrink: { length: 4 * mebibyte } })).rejects.toMatchObject({
      code: "DISK_SHRINK_TOO_SMALL",
      message: expect.stringMatching(/partition 2 cannot be shrunk to 4,194,304 bytes: .* bytes are missing/),
    });
  });

  test("with errors that e2fsck leaves to people is refused by name", async () => {
    await makeOld();
    const volume = join(folder, "broken.img");
    await copyRange(source, { offset: 2 * mebibyte, length: 64 * mebibyte }, volume);
    await debugfs(volume, ["zap_block -f /grub 0"], { write: true });
    await run("dd", [`if=${volume}`, `of=${source}`, "bs=1M", "seek=2", "conv=notrunc", "status=none"]);
    await expect(make({ partition: { number: 2 }, shrink: { length: 40 * mebibyte } })).rejects.toMatchObject(
      {
        code: "DISK_NOT_CLEAN",
        message: expect.stringMatching(/partition 2 cannot be shrunk, its file system has errors/),
      },
    );
  });
});
