import { spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { MemorySource } from "@bootstamp/byte-source";
import { mixedBytes, pressInMemory, textBytes, unpackInMemory, withWrites } from "@bootstamp/format-contract";
import { storedExtents } from "@bootstamp/segment-map";
import { assertDecodesTo, decodersFor, findTool, requires, run, runBytes, when } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";
import { beforeAll, describe, expect, test } from "vitest";
import { listBlocks } from "./fixtures/list-blocks.ts";
import { temporaryFolder } from "./fixtures/temporary-folder.ts";

// Zeros, text, noise; stored in the middle and at the end; no multiple of a sector.
const image = new Uint8Array(5_400_003);
image.set(mixedBytes(4_000_000), 1_300_000);
const stored = [
  { offset: 1_400_832, length: 409_600 },
  { offset: 5_398_528, length: image.length - 5_398_528 },
];
const runs = [
  { offset: 1_433_000, length: 70_000 },
  { offset: image.length - 3, length: 3 },
];
const patched = image.slice();
for (const { offset, length } of runs) patched.set(textBytes(length, offset), offset);

const at = temporaryFolder();
const checks = ["crc64", "crc32", "sha256"] as const;
const names = checks.flatMap((check) => [`base-${check}`, `stamped-${check}`]);

beforeAll(async () => {
  const patch = runs.map(({ offset, length }) => ({
    offset,
    bytes: patched.slice(offset, offset + length),
    replacedCrc32: crc32(image.subarray(offset, offset + length)),
  }));
  await writeFile(at("base.raw"), image);
  await writeFile(at("stamped.raw"), patched);
  for (const check of checks) {
    const choice = { level: 0, check, segmentLength: 2 ** 20 };
    const packed = await pressInMemory(xz, new MemorySource(image), stored, choice);
    const source = new MemorySource(packed);
    const { writes } = await xz.seal(await xz.readMap(source), patch, source);
    await writeFile(at(`base-${check}.xz`), packed);
    await writeFile(at(`stamped-${check}.xz`), withWrites(packed, writes));
  }
}, 60_000);

describe.each(names)("%s.xz", (name) => {
  const raw = `${name.split("-")[0] ?? ""}.raw`;

  for (const decoder of decodersFor("xz")) {
    test(`is read by ${decoder.name}`, requires(...decoder.tools), async () => {
      await expect(assertDecodesTo(decoder, at(`${name}.xz`), at(raw))).resolves.toBeUndefined();
    });
  }

  test.each([
    ["xz", "-t"],
    ["xz", "-T2", "-t"],
    ["7z", "t"],
    ["busybox", "xz", "-t"],
    ["zstd", "-t"],
  ])("passes %s %s %s", requires("xz", "7z", "busybox", "zstd"), async (tool, ...args) => {
    const given = args.filter((arg) => typeof arg === "string");
    await expect(run(tool, [...given, at(`${name}.xz`)])).resolves.not.toMatch(/warning|error|corrupt/i);
  });

  test(
    "is served at random by nbdkit, and compared by qemu-img",
    requires("nbdkit", "qemu-img"),
    async () => {
      // The size of a disk is a multiple of a sector for qemu; what is beyond the image is zeros.
      const padded = at(`${raw}.padded`);
      await writeFile(
        padded,
        Buffer.concat([
          raw === "base.raw" ? image : patched,
          Buffer.alloc((512 - (image.length % 512)) % 512),
        ]),
      );
      const compare = `qemu-img compare -f raw -F raw '${padded}' "$uri"`;
      const served = ["-U", "-", "--filter=xz", "file", at(`${name}.xz`), "--run", compare];
      await expect(run("nbdkit", served)).resolves.toContain("identical");
    },
  );

  test("shows in xz what was meant", requires("xz"), async () => {
    const blocks = await listBlocks(at(`${name}.xz`));
    const check = { crc64: "CRC64", crc32: "CRC32", sha256: "SHA-256" }[name.split("-")[1] ?? ""];
    expect(blocks.every((block) => block.check === check && block.flags === "cu")).toBe(true);
    expect(blocks.reduce((sum, block) => sum + block.rawLength, 0)).toBe(image.length);
    expect(Math.max(...blocks.map((block) => block.rawLength))).toBeLessThanOrEqual(2 ** 20);
    await expect(run("xz", ["-lvv", at(`${name}.xz`)])).resolves.toMatch(/Sizes in headers: +Yes/);
  });
});

/** Threads that xz runs at most while it decodes a file to a reader who does not read. */
async function threadsDecoding(path: string): Promise<number> {
  const child = spawn(findTool("xz") ?? "", ["-T2", "-dc", path], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    let most = 0;
    for (let count = 0; count < 100 && most < 3; count++) {
      most = Math.max(most, (await readdir(`/proc/${child.pid}/task`)).length);
      await wait(10);
    }
    return most;
  } finally {
    child.kill("SIGKILL");
  }
}

describe(
  "xz -T2",
  { ...requires("xz"), ...when(process.platform === "linux", "threads are counted in /proc") },
  () => {
    test("decodes our blocks in parallel", async () => {
      expect(await threadsDecoding(at("base-crc64.xz"))).toBe(3);
    });

    test("does not where blocks do not say their lengths", async () => {
      const packed = await runBytes("xz", ["-0", "-T1", "--block-size=1MiB", "-c"], { input: image });
      await writeFile(at("unsized.xz"), packed);
      expect(await threadsDecoding(at("unsized.xz"))).toBe(1);
    });
  },
);

describe("what xz makes is read here", requires("xz"), () => {
  test.each([
    ["one block", ["-T1"]],
    ["blocks without lengths", ["-T1", "--block-size=500000"]],
    ["blocks with lengths", ["-T2", "--block-size=500000"]],
    ["blocks of its own choice", ["-T2"]],
    ["chosen blocks", ["--block-list=1000000,4096,100,0"]],
    ["SHA-256", ["--check=sha256"]],
    ["no check", ["--check=none"]],
  ])("in %s", async (_name, options) => {
    const packed = await runBytes("xz", ["-0", "-c", ...options], { input: image });
    const { map, raw } = await unpackInMemory(xz, packed);
    expect(Buffer.compare(raw, image)).toBe(0);
    expect(map.segments.every(({ rawLength }) => rawLength > 0)).toBe(true);
  });

  test("and its outline by the index, without a look at each block", async () => {
    const text = textBytes(2_000_000);
    const packed = await runBytes("xz", ["-0", "-T2", "--block-size=20000", "-c"], { input: text });
    const reads: number[] = [];
    const memory = new MemorySource(packed);
    const source = {
      length: packed.length,
      read: async (offset: number, length: number) => {
        reads.push(offset);
        return await memory.read(offset, length);
      },
    };
    const { segments } = await xz.readOutline(source);
    expect(segments).toEqual((await xz.readMap(memory)).segments);
    expect(segments).toHaveLength(100);
    // Two ends, the index, the first block.
    expect(reads.length).toBeLessThanOrEqual(5);
  });

  test("and stamped, where xz could not compress", async () => {
    const noise = mixedBytes(900_000).slice(310_000, 590_000);
    const packed = await runBytes("xz", ["-0", "-T2", "--block-size=32768", "-c"], { input: noise });
    const source = new MemorySource(packed);
    const map = await xz.readMap(source);
    expect(storedExtents(map)).toEqual([{ offset: 0, length: noise.length }]);
    const bytes = textBytes(300);
    const run300 = { offset: 65_400, bytes, replacedCrc32: crc32(noise.subarray(65_400, 65_700)) };
    const { writes } = await xz.seal(map, [run300], source);
    const decoded = await runBytes("xz", ["-dc"], { input: withWrites(packed, writes) });
    noise.set(bytes, 65_400);
    expect(Buffer.compare(decoded, noise)).toBe(0);
  });
});

describe("what others make is read here, or refused by what it is", () => {
  test("Python's", requires("python3"), async () => {
    const program =
      "import lzma, sys; sys.stdout.buffer.write(lzma.compress(sys.stdin.buffer.read(), preset=0))";
    const packed = await runBytes("python3", ["-c", program], { input: image });
    expect(Buffer.compare((await unpackInMemory(xz, packed)).raw, image)).toBe(0);
  });

  test("7-Zip's", requires("7z"), async () => {
    await run("7z", ["a", "-txz", "-mx=1", "-mmt=2", at("seven.xz"), at("base.raw")]);
    const packed = await runBytes("cat", [at("seven.xz")]);
    expect(Buffer.compare((await unpackInMemory(xz, packed)).raw, image)).toBe(0);
  });

  test("pixz's", requires("pixz"), async () => {
    await run("pixz", ["-0", "-t", at("base.raw"), at("pixz.xz")]);
    const packed = await runBytes("cat", [at("pixz.xz")]);
    expect(Buffer.compare((await unpackInMemory(xz, packed)).raw, image)).toBe(0);
  });

  test.each([
    ["--delta=dist=4", "--lzma2=preset=0"],
    ["--x86", "--lzma2=preset=0"],
    ["--arm", "--lzma2=preset=0"],
  ])("xz's with %s", requires("xz"), async (...filters) => {
    const packed = await runBytes("xz", ["-c", ...filters], { input: image.subarray(0, 10_000) });
    await expect(unpackInMemory(xz, packed)).rejects.toMatchObject({ code: "MAP_MISSING" });
  });

  test("the older .lzma is of another format", requires("xz"), async () => {
    const packed = await runBytes("xz", ["--format=lzma", "-c"], { input: image.subarray(0, 10_000) });
    expect(xz.recognises(packed.subarray(0, 16))).toBe(false);
    await expect(unpackInMemory(xz, packed)).rejects.toMatchObject({ code: "MAP_NOT_THIS_FORMAT" });
  });
});
