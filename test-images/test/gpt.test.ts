import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requires, run, sfdiskVerify, sgdiskVerify } from "@bootstamp/witnesses";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeGptImage } from "../src/gpt-image.ts";
import { partitionTypes } from "../src/guid.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-"));
});

afterAll(() => rm(folder, { recursive: true }));

async function write(sectorLength: 512 | 4096): Promise<string> {
  const path = join(folder, `${sectorLength}.img`);
  const plan = { role: "boot", fileSystem: "none", length: 1_500_000, content: new Uint8Array() } as const;
  await writeGptImage(path, { name: "test", sectorLength, boots: [], usesAll: true }, [
    { ...plan, label: "first, ünd exactly of 36 characters!", type: partitionTypes.xbootldr },
    { ...plan, label: "", type: partitionTypes.linux },
  ]);
  return path;
}

test("sfdisk and sgdisk find no fault and read what was written", requires("sfdisk", "sgdisk"), async () => {
  const path = await write(512);
  expect(await sfdiskVerify(path)).toContain("No errors detected");
  expect(await sgdiskVerify(path)).toContain("No problems found");
  expect(JSON.parse(await run("sfdisk", ["--json", path]))).toMatchObject({
    partitiontable: {
      label: "gpt",
      id: "B0075A3B-0000-4000-8000-000000000000",
      firstlba: 34,
      lastlba: 6 * 2048 - 34,
      sectorsize: 512,
      partitions: [
        {
          start: 2048,
          size: 4096,
          type: partitionTypes.xbootldr,
          uuid: "B0075A3B-0000-4000-8000-000000000001",
          name: "first, ünd exactly of 36 characters!",
        },
        { start: 6144, size: 4096, type: partitionTypes.linux },
      ],
    },
  });
});

test("fdisk reads a table of 4096-byte sectors", requires("fdisk"), async () => {
  const listing = await run("fdisk", ["-b", "4096", "-l", await write(4096)]);
  expect(listing).toMatch(/Disklabel type: gpt/);
  expect(listing).toMatch(/4096\.img1 +256 +767 +512 +2M Linux extended boot/);
  expect(listing).not.toMatch(/corrupt|mismatch|error/i);
});
