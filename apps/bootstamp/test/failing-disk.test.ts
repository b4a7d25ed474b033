// A base on a disk with a place that cannot be read: it is named, and nothing is left that looks whole.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { requires, when } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { runCommand } from "./support/command.ts";
import { withFuse } from "./support/serving.ts";
import { specOf, workplace, writeText } from "./support/workplace.ts";

const info = await buildImage("tiny", { boot: "ext4" });
const boot = partitionOf(info, "boot");
const fuse = when(process.getuid?.() === 0 && existsSync("/dev/fuse"), "needs root and /dev/fuse");

/** nbdkit's words for a disk that gives the image's bytes up to an offset, and errors from there on. */
function failingFrom(offset: number): string[] {
  const pread = `[ $(($3 + $4)) -le ${offset} ] || { echo EIO bad sector >&2; exit 1; }
    dd if=${info.path} bs=64K skip=$4 count=$3 iflag=skip_bytes,count_bytes status=none`;
  const size = `get_size=echo ${statSync(info.path).size}`;
  return ["--command", "nbdkit", "-s", "eval", size, `pread=${pread}`];
}

describe("a base that ends in what cannot be read", { ...requires("nbdfuse", "nbdkit"), ...fuse }, () => {
  // The table is there; the file system that is edited, or only what stands behind it, is not.
  test.each([boot.offset, boot.offset + boot.length])("from %d on", async (offset) => {
    const folder = workplace();
    await withFuse(failingFrom(offset), async (image) => {
      const failure = {
        status: 1,
        err: expect.stringMatching(/cannot read .*nbd at offset \d+: i\/o error/),
      };
      const target = join(folder, "base.xz");
      expect(await runCommand(["prepare", image, "-o", target])).toMatchObject(failure);
      expect(readdirSync(folder)).toEqual([]);
      const spec = writeText(join(folder, "spec.yaml"), specOf(image));
      expect(await runCommand(["build", spec])).toMatchObject(failure);
      const left = readdirSync(folder, { recursive: true, encoding: "utf8" });
      expect(left.filter((path) => /\.(gz|json|partial)$|SUMS$/.test(path))).toEqual([]);
    });
  });
});
