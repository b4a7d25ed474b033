import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fsckVfat, mtools, readFatFile, requires, run } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeFatVolume, type FatVolume } from "../src/fat-volume.ts";
import { noise } from "../src/pattern.ts";

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fat-volume-"));
  await writeFile(at("host"), noise(70_001, 9));
});

afterAll(() => rm(folder, { recursive: true }));

const mebibyte = 1 << 20;
const shapes = [
  { width: 12, length: mebibyte, sectorLength: 512, clusterLength: 512 },
  { width: 12, length: 8 * mebibyte, sectorLength: 512, clusterLength: 2048 },
  { width: 12, length: 4 * mebibyte, sectorLength: 4096, clusterLength: 4096 },
  { width: 16, length: 4 * mebibyte, sectorLength: 512, clusterLength: 512 },
  { width: 16, length: 64 * mebibyte, sectorLength: 512, clusterLength: 2048 },
  { width: 16, length: 20 * mebibyte, sectorLength: 4096, clusterLength: 4096 },
  { width: 32, length: 34 * mebibyte, sectorLength: 512, clusterLength: 512 },
  { width: 32, length: 300 * mebibyte, sectorLength: 4096, clusterLength: 4096 },
] as const;

const longest = `${"n".repeat(250)}.text`;
const manyFiles = Object.fromEntries(
  Array.from({ length: 150 }, (_, number) => [`many/a long name ${number}.conf`, `${number}\n`]),
);

function volumeOf(shape: (typeof shapes)[number]): FatVolume {
  const files = {
    ...manyFiles,
    "SHORT.TXT": "short\n",
    NOENDING: "",
    "thirteen.text": "as long as one entry\n",
    "grüße €.txt": "beyond ASCII\n",
    [`deep/er/and deeper/${longest}`]: "deep\n",
    "content/content": "a folder and a file of one name\n",
    "host.bin": { hostPath: at("host") },
  };
  return { ...shape, label: "LABEL", serial: 0x1234_abcd, files };
}

describe.each(shapes)(
  "FAT$width, $length bytes, $sectorLength a sector, $clusterLength a cluster",
  (shape) => {
    test("fsck.vfat and mtools read it", requires("fsck.vfat", "mcopy", "mdir"), async () => {
      const path = at("volume.img");
      writeFatVolume(path, volumeOf(shape));
      await fsckVfat(path);
      const report = await run("fsck.vfat", ["-n", "-v", path]);
      expect(report).toContain(`${shape.clusterLength} bytes per cluster`);
      expect(report).toContain(`${shape.width} bit entries`);
      expect(await mtools("mdir", path, 0, ["::"])).toMatch(/Volume in drive : is LABEL/);
      expect((await readFatFile(path, "/host.bin")).equals(await readFile(at("host")))).toBe(true);
      expect((await readFatFile(path, `/deep/er/and deeper/${longest}`)).toString()).toBe("deep\n");
      expect((await readFatFile(path, "/content/content")).toString()).toBe(
        "a folder and a file of one name\n",
      );
      expect((await readFatFile(path, "/many/a long name 149.conf")).toString()).toBe("149\n");
      expect((await readFatFile(path, "/NOENDING")).length).toBe(0);
    });
  },
);

test("7-Zip lists the long names with their times", requires("7z"), async () => {
  const path = at("listed.img");
  writeFatVolume(path, volumeOf(shapes[3]));
  const listing = await run("7z", ["l", "-tfat", path]);
  expect(listing).toMatch(/2023-11-14 22:13:20 .* 70001 .* host\.bin$/m);
  expect(listing).toContain("thirteen.text");
  expect(listing).toMatch(/ 157 files/);
});

test("two volumes from the same files are the same", async () => {
  writeFatVolume(at("first"), volumeOf(shapes[0]));
  writeFatVolume(at("second"), volumeOf(shapes[0]));
  expect((await readFile(at("first"))).equals(await readFile(at("second")))).toBe(true);
});

describe("refusals", () => {
  test("a size that makes another width", () => {
    const volume = { ...volumeOf(shapes[0]), width: 32 as const };
    expect(() => writeFatVolume(at("wrong"), volume)).toThrow(
      /^FAT32 has 65525 to \d+ clusters, got 1984 in 1048576/,
    );
  });

  test("files that do not fit", () => {
    const volume = { ...volumeOf(shapes[0]), files: { big: noise(2 * mebibyte, 1) } };
    expect(() => writeFatVolume(at("full"), volume)).toThrow(/^the files need \d+ clusters more/);
  });

  test("more names than a root folder of fixed size holds", () => {
    const files = Object.fromEntries(Array.from({ length: 600 }, (_, number) => [`FILE${number}`, ""]));
    expect(() => writeFatVolume(at("root"), { ...volumeOf(shapes[0]), files })).toThrow(/holds 16384 bytes/);
  });
});
