// Stamps as files: made of two images, put into a base of any kind, held against the formats' own programs.
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { checkFileSystem, treeTools } from "./support/file-tree.ts";
import { requires, run, runBytes } from "@bootstamp/witnesses";
import { describe, expect, test, vi } from "vitest";
import { formats } from "../src/formats.ts";
import { eventsOf, program, runCommand } from "./support/command.ts";
import { editsOf, specOf, workplace, writeText } from "./support/workplace.ts";

vi.setConfig({ testTimeout: 300_000 });

const unpackers: Readonly<Record<string, string>> = { gz: "gzip", xz: "xz", zst: "zstd" };

interface Made {
  readonly folder: string;
  readonly base: string;
  readonly raw: string;
  readonly stamp: string;
  /** Stampable images, by format. */
  readonly stampables: Readonly<Record<string, string>>;
}

/** A base, a variant of it as a raw image, its stamp, and the base in every format with the same bytes stored. */
async function makeAll(): Promise<Made> {
  const info = await buildImage("tiny", { boot: "ext4" });
  const folder = workplace();
  const variants = ["aws", "azure"].map((name) => ({ name, edits: editsOf(name) }));
  const output = { directory: "out", formats: formats.map(({ name }) => name) };
  const spec = writeText(join(folder, "spec.yaml"), specOf(info.path, { output, variants }));
  const stampables: Record<string, string> = {};
  for (const { name, extension } of formats) {
    stampables[name] = join(folder, `base${extension}`);
    expect(await runCommand(["prepare", spec, "-o", stampables[name]])).toMatchObject({ status: 0 });
  }
  const artifact = join(folder, "aws.gz");
  const words = ["stamp", stampables["gz"] ?? "", "--spec", spec, "--variant", "aws", "-o", artifact];
  expect(await runCommand(words)).toMatchObject({ status: 0 });
  const raw = join(folder, "aws.raw");
  writeFileSync(raw, await runBytes("gzip", ["-dc", artifact]));
  await checkFileSystem(raw, partitionOf(info, "boot"));
  const stamp = join(folder, "aws.stamp");
  expect(await runCommand(["diff", info.path, raw, "-o", stamp])).toMatchObject({ status: 0, err: "" });
  return { folder, base: info.path, raw, stamp, stampables };
}

describe("a stamp", () => {
  test(
    "makes the variant of the base, raw and in every format",
    requires("gzip", "xz", "zstd", "cmp", ...treeTools),
    async () => {
      const { folder, base, raw, stamp, stampables } = await makeAll();
      expect(statSync(stamp).size).toBeLessThan(4096);
      const copy = join(folder, "copy.raw");
      expect(await runCommand(["stamp", base, stamp, "-o", copy])).toMatchObject({ status: 0, err: "" });
      await run("cmp", [copy, raw]);
      for (const [format, stampable] of Object.entries(stampables)) {
        const artifact = join(folder, `made.${format}`);
        expect(await runCommand(["stamp", stampable, stamp, "-o", artifact])).toMatchObject({
          status: 0,
          err: "",
        });
        const unpacked = await runBytes(unpackers[format] ?? "", ["-dc", artifact]);
        expect(unpacked.equals(readFileSync(raw))).toBe(true);
        const [command = "", ...args] = program;
        const stream = await runBytes(command, [...args, "stamp", stampable, stamp, "-o", "-"]);
        expect(stream.equals(readFileSync(artifact))).toBe(true);
        for (const more of [[], ["--full"]]) {
          const verified = await runCommand(["stamp", "--verify", artifact, stamp, ...more]);
          expect(verified).toMatchObject({ status: 0, err: "" });
          expect(verified.out).toContain('with stamp "aws"');
        }
        const unstamped = await runCommand(["stamp", "--verify", stampable, stamp]);
        expect(unstamped).toMatchObject({ status: 1, out: "" });
      }
    },
  );

  test(
    "changes a file in place, and leaves no journal",
    requires("gzip", "xz", "zstd", ...treeTools),
    async () => {
      const { folder, raw, stamp, stampables } = await makeAll();
      const there = readdirSync(folder).toSorted();
      for (const [format, stampable] of Object.entries(stampables)) {
        expect(await runCommand(["stamp", "--in-place", stampable, stamp])).toMatchObject({
          status: 0,
          err: "",
        });
        const unpacked = await runBytes(unpackers[format] ?? "", ["-dc", stampable]);
        expect(unpacked.equals(readFileSync(raw))).toBe(true);
        // a second time it is another base
        const again = await runCommand(["stamp", "--in-place", stampable, stamp]);
        expect(again).toMatchObject({ status: 1, out: "" });
      }
      expect(readdirSync(folder).toSorted()).toEqual(there);
    },
  );

  test(
    "is the same whatever its base was kept in, and shows what it is",
    requires("gzip", ...treeTools),
    async () => {
      const { folder, raw, stamp, stampables } = await makeAll();
      const other = join(folder, "other.stamp");
      const words = ["diff", stampables["xz"] ?? "", raw, "-o", other, "--name", "aws"];
      expect(await runCommand(words)).toMatchObject({ status: 0 });
      expect(readFileSync(other).equals(readFileSync(stamp))).toBe(true);
      const shown = await runCommand(["stamp", "--list", stamp]);
      expect(shown).toMatchObject({ status: 0, err: "" });
      expect(shown.out).toContain('stamp "aws"');
      const [event] = eventsOf(await runCommand(["stamp", "--list", stamp, "--json"]));
      expect(event?.["base"]).toMatchObject({ rawLength: statSync(raw).size });
    },
  );

  test("is refused where it does not belong", requires("gzip", ...treeTools), async () => {
    const { folder, stamp, stampables } = await makeAll();
    const other = await buildImage("tiny", { boot: "fat16" });
    const out = join(folder, "out.img");
    const foreign = await runCommand(["stamp", other.path, stamp, "-o", out]);
    expect(foreign).toMatchObject({ status: 1 });
    expect(foreign.err).toContain("another base image");
    const damaged = readFileSync(stamp);
    damaged[damaged.length - 9] = (damaged[damaged.length - 9] ?? 0) ^ 1;
    const bad = join(folder, "bad.stamp");
    writeFileSync(bad, damaged);
    expect(await runCommand(["stamp", stampables["gz"] ?? "", bad, "-o", out])).toMatchObject({ status: 1 });
    expect(await runCommand(["stamp", stampables["gz"] ?? "", other.path, "-o", out])).not.toMatchObject({
      status: 0,
    });
    expect(await runCommand(["stamp", stampables["gz"] ?? "", stamp])).toMatchObject({ status: 2 });
    const both = ["stamp", stampables["gz"] ?? "", stamp, "-o", out, "--karg-append", "quiet"];
    expect(await runCommand(both)).toMatchObject({ status: 2 });
    const longer = join(folder, "longer.img");
    copyFileSync(other.path, longer);
    writeFileSync(longer, "x", { flag: "a" });
    expect(await runCommand(["diff", other.path, longer, "-o", join(folder, "x.stamp")])).toMatchObject({
      status: 1,
    });
  });
});
