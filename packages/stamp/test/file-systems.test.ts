import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FileSource } from "@bootstamp/byte-source";
import { openDigester, stampFile } from "@bootstamp/stamp";
import { canMount, requires, withTmpfs, withXfs } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { encodeIdentity, identityFormat } from "./identity-format.ts";
import { noise, openFile, patchOf, withOverwrites } from "./patched-bytes.ts";

const raw = noise(900_000);
const overwrites = [{ offset: 400_000, bytes: noise(4096, 2) }];
const patch = patchOf(raw, overwrites);
const format = identityFormat(65_536);
const artifact = encodeIdentity(withOverwrites(raw, overwrites));

describe("on file systems made for the test", canMount(), () => {
  test("a full disk is said so and nothing is left on it", async () => {
    await withTmpfs("512k", async (directory) => {
      const stampable = openFile(encodeIdentity(raw));
      const map = await format.readMap(stampable);
      const output = join(directory, "out");
      await expect(stampFile({ format, map, stampable, patch, output })).rejects.toMatchObject({
        code: "FILE_DISK_FULL",
        fields: { path: output },
      });
      expect(readdirSync(directory)).toEqual([]);
      stampable.close();
    });
  });

  test("a read-only file system is said so", async () => {
    await withTmpfs("1m", async (directory) => {
      execFileSync("mount", ["-o", "remount,ro", directory]);
      const stampable = openFile(encodeIdentity(raw));
      const map = await format.readMap(stampable);
      const request = { format, map, stampable, patch, output: join(directory, "out") };
      await expect(stampFile(request)).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
      stampable.close();
    });
  });

  test(
    "where blocks can be shared, only what the patch touches is not",
    requires("mkfs.xfs", "filefrag"),
    async () => {
      await withXfs(async (directory) => {
        const source = openFile(encodeIdentity(raw));
        const path = join(directory, "stampable");
        copyFileSync(source.path, path);
        source.close();
        const stampable = FileSource.open(path);
        expect(unsharedBlocks(path)).toBe(220);
        const map = await format.readMap(stampable);
        const output = join(directory, "out");
        const { writes } = await stampFile({ format, map, stampable, patch, output });
        expect(readFileSync(output).equals(artifact)).toBe(true);
        // The patch and the trailer lie in three of the file's 220 blocks.
        expect(unsharedBlocks(output)).toBe(3);
        // Sharing the stampable file's blocks is no change of it.
        stampable.assertUnchanged();
        const digester = openDigester({ threads: 1 });
        const digest = await digester.digest({ file: stampable, overwrites: writes });
        await digester.close();
        expect(execFileSync("sha256sum", [output], { encoding: "utf8" })).toContain(digest);
        stampable.close();
      });
    },
  );
});

/** How many of a file's blocks belong to it alone; those that it got ahead of its end are left out. */
function unsharedBlocks(path: string): number {
  const report = execFileSync("filefrag", ["-s", "-v", path], { encoding: "utf8" });
  let blocks = 0;
  // Number, logical range, physical range, length, perhaps the place that was expected, flags.
  for (const [line, length] of report.matchAll(/^ *\d+: +\d+\.\. +\d+: +\d+\.\. +\d+: +(\d+):.*$/gm)) {
    if (!/shared|unwritten/.test(line)) blocks += Number(length);
  }
  return blocks;
}
