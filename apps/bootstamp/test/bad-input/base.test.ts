import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildImage, partitionOf, type ImageInfo } from "@bootstamp/test-images";
import { debugfs, requires, run } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import { refuseBuild, specIn } from "../support/refused-build.ts";
import { copyOf, specOf, workplace } from "../support/workplace.ts";

const tiny = await buildImage("tiny");

/** What is done to a copy of an image, and what is said of it. */
interface BadBase {
  readonly name: string;
  readonly damage: (path: string, image: ImageInfo) => void | Promise<void>;
  readonly err: RegExp;
  readonly tools?: readonly string[];
}

const badBases: readonly BadBase[] = [
  { name: "is cut short", damage: (path) => truncateSync(path, 5 << 20), err: /GPT|image/ },
  { name: "is empty", damage: (path) => truncateSync(path, 0), err: /0 bytes: too short/ },
  { name: "has a damaged GPT", damage: (path) => poke(path, 512 + 20), err: /GPT header/ },
  {
    name: "has damaged GPT entries",
    damage: (path) => poke(path, 1024 + 60),
    err: /GPT.*entries|entries.*CRC/,
  },
  {
    name: "has no partition table",
    damage: (path) => writeFileSync(path, Buffer.alloc(1 << 20, 7)),
    err: /neither|no partition table/,
  },
  {
    name: "is compressed and cut short",
    damage: (path) => writeFileSync(path, gzipSync("x").subarray(0, -4)),
    err: /the gzip file is damaged: unexpected end of file/,
  },
];

function poke(path: string, offset: number): void {
  const file = openSync(path, "r+");
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, offset);
  writeSync(file, Buffer.from([(byte[0] ?? 0) ^ 0x55]), 0, 1, offset);
  closeSync(file);
}

function overwrite(path: string, offset: number, part: Uint8Array): void {
  const file = openSync(path, "r+");
  writeSync(file, part, 0, part.length, offset);
  closeSync(file);
}

test.each(badBases)("a base that $name", async ({ damage, err }) => {
  const folder = workplace();
  const path = copyOf(tiny.path, join(folder, "base.img"));
  await damage(path, tiny);
  const outcome = await refuseBuild(specIn(folder, specOf("base.img")));
  expect(outcome.err).toMatch(err);
  expect(outcome.err).toContain(path);
  expect(outcome.err.split("\n")[0]?.length).toBeLessThan(600);
});

test("a base that is missing, or a directory", async () => {
  const folder = workplace();
  const missing = await refuseBuild(specIn(folder, specOf("none.img")));
  expect(missing).toMatchObject({ status: 1, err: expect.stringMatching(/none\.img: .*no such file/i) });
  mkdirSync(join(folder, "dir.img"));
  const directory = await refuseBuild(specIn(folder, specOf("dir.img")));
  expect(directory).toMatchObject({
    status: 1,
    err: expect.stringMatching(/dir\.img is not a regular file/),
  });
});

test.each([
  ["xfs", "mkfs.xfs", ["-q", "-f"]],
  ["btrfs", "mkfs.btrfs", ["-q", "-f"]],
] as const)("a base whose region holds %s", requires("mkfs.xfs", "mkfs.btrfs"), async (name, tool, words) => {
  const folder = workplace();
  const part = join(folder, "part");
  writeFileSync(part, "");
  truncateSync(part, 320 << 20);
  await run(tool, [...words, part]);
  const superblock = readFileSync(part).subarray(0, partitionOf(tiny, "boot").length);
  const path = copyOf(tiny.path, join(folder, "base.img"));
  overwrite(path, partitionOf(tiny, "boot").offset, superblock);
  const { status, err } = await refuseBuild(specIn(folder, specOf("base.img")));
  expect(status).toBe(1);
  expect(err).toMatch(new RegExp(name, "i"));
});

test("a base whose region holds LUKS", requires("cryptsetup"), async () => {
  const folder = workplace();
  const part = join(folder, "part");
  writeFileSync(part, Buffer.alloc(partitionOf(tiny, "boot").length));
  const words = ["luksFormat", "--type", "luks1", "--pbkdf-force-iterations", "1000", "-q", part, "-"];
  spawnSync("cryptsetup", words, { input: "secret" });
  const path = copyOf(tiny.path, join(folder, "base.img"));
  overwrite(path, partitionOf(tiny, "boot").offset, readFileSync(part));
  const { err } = await refuseBuild(specIn(folder, specOf("base.img")));
  expect(err).toMatch(/LUKS/i);
});

test("a base whose ext4 has a journal to replay", requires("mke2fs", "debugfs"), async () => {
  const ext4 = await buildImage("tiny", { boot: "ext4" });
  const { offset } = partitionOf(ext4, "boot");
  const folder = workplace();
  const path = copyOf(ext4.path, join(folder, "base.img"));
  await debugfs(path, ["feature needs_recovery"], { offset, write: true });
  const { status, err } = await refuseBuild(specIn(folder, specOf("base.img")));
  expect(status).toBe(1);
  expect(err).toMatch(/journal/);
});

test("a base that is written to while it is read", async () => {
  const folder = workplace();
  const path = copyOf(tiny.path, join(folder, "base.img"));
  const spec = specIn(folder, specOf("base.img"));
  const writer = setInterval(() => poke(path, 8 << 20), 1);
  try {
    const { status, err } = await refuseBuild(spec);
    expect(status).toBe(1);
    expect(err).toMatch(/base\.img.*(changed|is not the file that it was)/);
    expect(err).toContain("hint: wait until");
  } finally {
    clearInterval(writer);
  }
});
