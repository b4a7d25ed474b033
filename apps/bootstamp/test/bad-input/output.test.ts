// Output directories that cannot be written to, or are full.
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { requires, run, when } from "@bootstamp/witnesses";
import { expect, onTestFinished, test } from "vitest";
import { eventsOf, runCommand, spawnCommand } from "../support/command.ts";
import { copyOf, digestsIn, specOf, workplace, writeText } from "../support/workplace.ts";

const tiny = await buildImage("tiny");
const asRoot = when(process.getuid?.() === 0, "mounting, and becoming another user, needs root");

test("a file in the place of the output directory, or of one above it", async () => {
  const folder = workplace();
  writeFileSync(join(folder, "file"), "mine");
  for (const directory of ["file", "file/below"]) {
    const spec = writeText(join(folder, "spec.yaml"), specOf(tiny.path, { output: { directory } }));
    const { status, err } = await runCommand(["build", spec]);
    expect(status).toBe(1);
    expect(err).toMatch(/^error: cannot write .*\/file(\/below)?: (there is a file|a part of its path)/);
  }
});

test("a directory in the place of an artifact", async () => {
  const folder = workplace();
  const spec = writeText(join(folder, "spec.yaml"), specOf(tiny.path));
  mkdirSync(join(folder, "out/aws.raw.gz"), { recursive: true });
  const { status, err } = await runCommand(["build", spec]);
  expect(status).toBe(1);
  expect(err).toMatch(/cannot write .*aws\.raw\.gz: it is a directory/);
  expect(existsSync(join(folder, "out/manifest.json"))).toBe(false);
});

test("a directory that this user may not write to", { ...asRoot, ...requires("setpriv") }, async () => {
  const folder = workplace();
  chmodSync(folder, 0o755);
  // The original may be where that user may not read.
  chmodSync(copyOf(tiny.path, join(folder, "base.img")), 0o644);
  const spec = writeText(join(folder, "spec.yaml"), specOf("base.img"));
  const wrapper = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const refused = await spawnCommand(["build", spec], { wrapper });
  expect(refused).toMatchObject({ status: 1, err: expect.stringMatching(/out: permission denied\n$/) });
  expect(readdirSync(folder)).toEqual(["base.img", "spec.yaml"]);
  mkdirSync(join(folder, "out"), { mode: 0o755 });
  const inside = await spawnCommand(["build", spec], { wrapper });
  expect(inside).toMatchObject({
    status: 1,
    err: expect.stringMatching(/\.bootstamp: permission denied\n$/),
  });
  chmodSync(join(folder, "out"), 0o777);
  expect(await spawnCommand(["build", spec], { wrapper })).toMatchObject({ status: 0, err: "" });
  expect(statSync(join(folder, "out/aws.raw.gz")).uid).toBe(65_534);
});

/** Makes a small file system of memory, full but for `free` bytes. */
async function smallDisk(free: number): Promise<string> {
  const folder = workplace();
  await run("mount", ["-t", "tmpfs", "-o", `size=${free}`, "bootstamp-test", folder]);
  onTestFinished(async () => void (await run("umount", [folder])));
  return folder;
}

test("a file system that is read-only", { ...asRoot, ...requires("mount") }, async () => {
  const disk = await smallDisk(1_000_000);
  await run("mount", ["-o", "remount,ro", disk]);
  const spec = writeText(join(workplace(), "spec.yaml"), specOf(tiny.path));
  for (const directory of [disk, join(disk, "out"), join(disk, "a/b")]) {
    const { status, err } = await runCommand(["build", spec, "-o", directory]);
    expect(status).toBe(1);
    expect(err).toMatch(/^error: cannot write \/.*: the file system is read-only\n$/);
  }
});

test.each([300_000, 1_200_000, 1_850_000, 2_850_000])(
  "a disk with %d bytes left",
  { ...asRoot, ...requires("mount") },
  async (free) => {
    const folder = workplace();
    const spec = writeText(join(folder, "spec.yaml"), specOf(tiny.path));
    const disk = await smallDisk(free);
    const { status, err } = await runCommand(["build", spec, "-o", join(disk, "out")]);
    expect(status).toBe(1);
    expect(err).toMatch(/^error: cannot write \/.*: the disk is full \(ENOSPC\)\nhint: free some room/);
    const left = existsSync(join(disk, "out")) ? Object.keys(digestsIn(join(disk, "out"))) : [];
    expect(left.filter((name) => !/^(aws|azure)\.raw\.gz$/.test(name))).toEqual([]);
    // With more room it goes on from there.
    await run("mount", ["-o", "remount,size=20m", disk]);
    const { out } = await runCommand(["build", spec, "-o", join(disk, "out"), "--json"]);
    const made = eventsOf({ out }).filter(
      ({ event, made: isMade }) => event === "artifact" && isMade === true,
    );
    expect(made).toHaveLength(2 - left.length);
    expect(await runCommand(["build", spec])).toMatchObject({ status: 0 });
    expect(digestsIn(join(disk, "out"))).toEqual(digestsIn(join(folder, "out")));
  },
);

test("a standard output whose disk is full, or whose reader leaves", async () => {
  const folder = workplace();
  const base = join(folder, "base.gz");
  expect(await runCommand(["prepare", tiny.path, "-o", base])).toMatchObject({ status: 0 });
  const words = ["stamp", base, "-o", "-", "--karg-append", "quiet"];
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- said where it is used
  const shell = (script: string): readonly string[] => [
    "bash",
    "-c",
    `set -o pipefail; "$@" ${script}`,
    "bash",
  ];
  expect(await spawnCommand(words, { wrapper: shell("> /dev/full") })).toMatchObject({
    status: 1,
    err: expect.stringMatching(/cannot write to standard output: ENOSPC/),
  });
  expect(await spawnCommand(words, { wrapper: shell("| head -c 10 > /dev/null") })).toMatchObject({
    status: 1,
    err: "error: cannot write to standard output: its reader has gone\n",
  });
  // To look at the first line of a report is no failure.
  expect(await spawnCommand(["inspect", base], { wrapper: shell("| head -n 1") })).toMatchObject({
    status: 0,
    err: "",
  });
  expect(await spawnCommand(["inspect", base], { wrapper: shell("> /dev/full") })).toMatchObject({
    status: 1,
  });
});
