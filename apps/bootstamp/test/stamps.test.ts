// Stamps as files: made of two images, put into a base of any kind, held against the formats' own programs.
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { checkFileSystem, treeTools } from "./support/file-tree.ts";
import { crc64nvmeByGo, requires, run, runBytes, when } from "@bootstamp/witnesses";
import { afterAll, describe, expect, test } from "vitest";
import { formats } from "../src/formats.ts";
import { eventsOf, program, runCommand, spawnCommand } from "./support/command.ts";
import { canLoop, loopDevice } from "./support/loop-device.ts";
import { editsOf, specOf, workplace, writeText } from "./support/workplace.ts";

const dieInWrite = new URL("./support/die-in-write.ts", import.meta.url).href;

const unpackers: Readonly<Record<string, string>> = { gz: "gzip", xz: "xz", zst: "zstd" };

interface Made {
  readonly folder: string;
  readonly base: string;
  readonly raw: string;
  readonly stamp: string;
  /** Stampable images, by format. */
  readonly stampables: Readonly<Record<string, string>>;
}

let makingAll: Promise<Made> | undefined;
const shared = mkdtempSync(join(tmpdir(), "bootstamp-stamps-"));

afterAll(() => rmSync(shared, { recursive: true, force: true }));

/** What all tests have, which none of them changes, and a folder of its own for each. */
async function sharedMade(): Promise<Made> {
  makingAll ??= makeAll(shared);
  return { ...(await makingAll), folder: workplace() };
}

/** A base, a variant of it as a raw image, its stamp, and the base in every format with the same bytes stored. */
async function makeAll(folder: string): Promise<Made> {
  const info = await buildImage("tiny", { boot: "ext4" });
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
      const { folder, base, raw, stamp, stampables } = await sharedMade();
      expect(statSync(stamp).size).toBeLessThan(4096);
      const copy = join(folder, "copy.raw");
      expect(await runCommand(["stamp", base, stamp, "-o", copy])).toMatchObject({ status: 0, err: "" });
      await run("cmp", [copy, raw]);
      const [command = "", ...args] = program;
      const rawStream = await runBytes(command, [...args, "stamp", base, stamp, "-o", "-"]);
      expect(rawStream.equals(readFileSync(raw))).toBe(true);
      for (const [format, stampable] of Object.entries(stampables)) {
        const artifact = join(folder, `made.${format}`);
        expect(await runCommand(["stamp", stampable, stamp, "-o", artifact])).toMatchObject({
          status: 0,
          err: "",
        });
        const unpacked = await runBytes(unpackers[format] ?? "", ["-dc", artifact]);
        expect(unpacked.equals(readFileSync(raw))).toBe(true);
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
      const { folder, raw, stamp, stampables } = await sharedMade();
      for (const [format, kept] of Object.entries(stampables)) {
        const stampable = join(folder, basename(kept));
        copyFileSync(kept, stampable);
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
      expect(readdirSync(folder)).toHaveLength(formats.length);
    },
  );

  test(
    "that is killed in a change in place leaves what `repair` and the next stamp bring in order",
    requires("gzip", ...treeTools),
    async () => {
      const { folder, base, raw, stamp, stampables } = await sharedMade();
      const stampable = join(folder, "base.gz");
      copyFileSync(stampables["gz"] ?? "", stampable);
      const before = readFileSync(stampable);
      const words = ["stamp", "--in-place", stampable, stamp];
      const repair = ["repair", stampable];
      for (const next of [repair, words]) {
        const environment = { DIE_IN: realpathSync(stampable), NODE_OPTIONS: `--import=${dieInWrite}` };
        expect(await spawnCommand(words, { environment })).toMatchObject({ status: "SIGKILL" });
        expect(readdirSync(folder)).toContain(".base.gz.bootstamp-journal");
        expect(readFileSync(stampable).equals(before)).toBe(false);
        await expect(run("gzip", ["-t", stampable])).rejects.toThrow(/crc error/);
        expect(await runCommand(["verify", stampable])).toMatchObject({ status: 1 });
        expect(await runCommand(next)).toMatchObject({
          status: 0,
          out: expect.stringContaining("a stamp that was cut off is undone"),
        });
        expect(readdirSync(folder)).toEqual(["base.gz"]);
        const image = next === repair ? base : raw;
        expect((await runBytes("gzip", ["-dc", stampable])).equals(readFileSync(image))).toBe(true);
        expect(readFileSync(stampable).equals(before)).toBe(next === repair);
      }
    },
  );

  test(
    "is the same whatever its base was kept in, and shows what it is",
    requires("gzip", ...treeTools),
    async () => {
      const { folder, raw, stamp, stampables } = await sharedMade();
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

  test(
    "of two stampable files says to the byte what the artifact is",
    requires("gzip", "go", "sha256sum", ...treeTools),
    async () => {
      const { folder, base, raw, stamp, stampables } = await sharedMade();
      for (const [format, stampable] of Object.entries(stampables)) {
        const artifact = join(folder, `made.${format}`);
        expect(await runCommand(["stamp", stampable, stamp, "-o", artifact])).toMatchObject({ status: 0 });
        const other = join(folder, "other.stamp");
        expect(await runCommand(["diff", stampable, artifact, "-o", other])).toMatchObject({ status: 0 });
        const [event] = eventsOf(await runCommand(["stamp", "--list", other, "--json"]));
        const [sha256] = (await run("sha256sum", [artifact])).split(" ");
        const crc64nvme = await crc64nvmeByGo(artifact);
        const expected = { format, length: statSync(artifact).size, sha256, crc64nvme };
        expect(event?.["artifacts"]).toMatchObject([expected]);
        const verified = await runCommand(["verify", artifact, "--stamp", other, "--full"]);
        expect(verified.out).toContain("all of it was read, by SHA-256 of the artifact");
      }
      const images = join(folder, "images.stamp");
      expect(await runCommand(["diff", base, raw, "-o", images])).toMatchObject({ status: 0 });
      const [event] = eventsOf(await runCommand(["stamp", "--list", images, "--json"]));
      expect(event?.["artifacts"]).toEqual([]);
    },
  );

  test("is refused where it does not belong", requires("gzip", ...treeTools), async () => {
    const { folder, stamp, stampables } = await sharedMade();
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

  test(
    "is verified in full by the best digest that it has, also against forgers",
    requires("gzip", ...treeTools),
    async () => {
      const { folder, base, raw, stamp, stampables } = await sharedMade();
      const artifact = join(folder, "made.xz");
      expect(await runCommand(["stamp", stampables["xz"] ?? "", stamp, "-o", artifact])).toMatchObject({
        status: 0,
      });
      for (const path of [artifact, raw]) {
        const verified = await runCommand(["verify", path, "--stamp", stamp, "--full"]);
        expect(verified).toMatchObject({ status: 0, err: "" });
        expect(verified.out).toContain("all of it was read, by SHA-256 of the image");
      }
      // Outside of what the stamp touches: as many bytes as it takes to bring CRC-32 back would not help.
      const bytes = readFileSync(raw);
      bytes[4_000_000] = (bytes[4_000_000] ?? 0) ^ 1;
      const forged = join(folder, "forged.raw");
      writeFileSync(forged, bytes);
      expect(await runCommand(["verify", forged, "--stamp", stamp])).toMatchObject({ status: 0 });
      const found = await runCommand(["verify", forged, "--stamp", stamp, "--full"]);
      expect(found).toMatchObject({ status: 1 });
      expect(found.err).toContain("SHA-256 of the image is");
      expect(await runCommand(["verify", base, "--stamp", stamp])).toMatchObject({ status: 1 });
      expect(await runCommand(["verify", raw, base, "--stamp", stamp])).toMatchObject({ status: 2 });
    },
  );

  test(
    "changes the base on a device that was meant, where it is the base, and nothing beside it",
    canLoop() ? requires("gzip", "losetup", ...treeTools) : when(false, "no loop device can be had here"),
    async () => {
      const { folder, base, raw, stamp } = await sharedMade();
      const disk = join(folder, "the-disk.img");
      copyFileSync(base, disk);
      const rest = Buffer.alloc(8192, 7);
      writeFileSync(disk, rest, { flag: "a" });
      const device = await loopDevice(disk);
      const words = ["stamp", "--in-place", device, stamp];
      expect(await runCommand(words)).toMatchObject({ status: 2 });
      expect(await runCommand([...words, "--device", "Other Disk"])).toMatchObject({ status: 2 });
      const meant = [...words, "--device", "the-disk.img"];
      for (let runs = 0; runs < 2; runs++) {
        expect(await runCommand(meant)).toMatchObject({ status: 0, err: "" });
        expect(readFileSync(disk).equals(Buffer.concat([readFileSync(raw), rest]))).toBe(true);
      }
      writeFileSync(device, "x", { flag: "r+" });
      const before = readFileSync(device);
      const refused = await runCommand(meant);
      expect(refused).toMatchObject({ status: 1 });
      expect(refused.err).toContain("does not begin with the stamp's base");
      expect(readFileSync(device).equals(before)).toBe(true);
      const onto = await runCommand(["stamp", base, stamp, "-o", device]);
      expect(onto).toMatchObject({ status: 1 });
      expect(onto.err).toContain("it is a device");
    },
  );
});
