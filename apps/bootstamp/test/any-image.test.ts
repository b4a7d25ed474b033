// ls, cat, inspect and nbd of images that others made: qcow2, any .gz, .xz and .zst, files and web servers.
import { createReadStream, existsSync, readFileSync, statSync, utimesSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { requires, run, runBytes } from "@bootstamp/witnesses";
import { describe, expect, onTestFinished, test } from "vitest";
import { program, runCommand, spawnCommand } from "./support/command.ts";
import { workplace } from "./support/workplace.ts";

async function output(words: readonly string[]): Promise<Buffer> {
  const [command = "", ...args] = program;
  return await runBytes(command, [...args, ...words]);
}

/** Holds what commands show of an image against the raw one. */
async function holdAgainst(image: string, rawPath: string, offset: number): Promise<void> {
  const { out: listed } = await runCommand(["ls", rawPath, "/"]);
  expect(await runCommand(["ls", image, "/"])).toMatchObject({ status: 0, err: "", out: listed });
  const raw = readFileSync(rawPath);
  const range = await output(["cat", image, "--range", `${offset - 1000}:200000`]);
  expect(range.equals(raw.subarray(offset - 1000, offset + 199_000))).toBe(true);
}

const makers = {
  "qcow2 of qemu-img": ["qemu-img", 'qemu-img convert -f raw -O qcow2 -c "$1" "$2"'],
  "gz of gzip": ["gzip", 'gzip -c "$1" > "$2"'],
  "gz of pigz": ["pigz", 'pigz -c "$1" > "$2"'],
  "zst of zstd, of one frame that tells its length": ["zstd", 'zstd -qc "$1" > "$2"'],
  "zst of zstd, from a pipe": ["zstd", 'zstd -qc < "$1" > "$2"'],
  "xz of xz -T2": ["xz", 'xz -T2 -0 --block-size=1MiB -c "$1" > "$2"'],
} as const;

const python = "/usr/bin/python3";
const library = "/usr/lib/python3/dist-packages/indexed_gzip/__init__.py";

/** Prints ranges of argv[1] by the index argv[2], having read no byte of the file before. */
const readScript = `
import sys, indexed_gzip
file = indexed_gzip.IndexedGzipFile(sys.argv[1], index_file=sys.argv[2], auto_build=False)
for pair in sys.argv[3:]:
    offset, length = map(int, pair.split(","))
    file.seek(offset)
    sys.stdout.buffer.write(file.read(length))
`;

describe("images of other programs", () => {
  test.each(Object.entries(makers))(
    "%s",
    requires("qemu-img", "gzip", "pigz", "xz", "zstd"),
    async (name, [, script]) => {
      const info = await buildImage("tiny", { boot: "fat16" });
      const { offset } = partitionOf(info, "boot");
      const image = join(workplace(), "image");
      await run("sh", ["-c", script, "make", info.path, image]);
      await holdAgainst(image, info.path, offset);
      const inspected = await runCommand(["inspect", image]);
      expect(inspected).toMatchObject({ status: 0, err: "" });
      expect(inspected.out.split("\n")[0]).toContain(name.startsWith("qcow2") ? "qcow2" : name.slice(0, 2));
    },
  );

  test(
    "the index of a .gz is kept, used again, and made anew for another file",
    requires("gzip"),
    async () => {
      const info = await buildImage("tiny", { boot: "fat16" });
      const image = join(workplace(), "image.gz");
      await run("sh", ["-c", 'gzip -c "$1" > "$2"', "make", info.path, image]);
      expect(await runCommand(["ls", image])).toMatchObject({ status: 0 });
      const index = `${image}.gzidx`;
      const first = statSync(index);
      utimesSync(index, 1e9, 1e9);
      expect(await runCommand(["ls", image])).toMatchObject({ status: 0 });
      expect(statSync(index).ino).toBe(first.ino);
      const other = await buildImage("tiny", { boot: "ext4" });
      await run("sh", ["-c", 'gzip -c "$1" > "$2"', "make", other.path, image]);
      expect((await runCommand(["ls", image])).out).toContain("loader.1");
      expect(statSync(index).mtimeMs).toBeGreaterThan(1e12);
    },
  );

  test(
    "an index of a .gz, ours or another's, lets indexed_gzip seek in it",
    requires("gzip", python, library),
    async () => {
      const { path, length } = await buildImage("tiny", { boot: "fat16" });
      const folder = workplace();
      const ours = join(folder, "ours.gz");
      const theirs = join(folder, "theirs.gz");
      expect(await runCommand(["prepare", path, "-o", ours, "--level", "1"])).toMatchObject({ status: 0 });
      await run("sh", ["-c", 'gzip -c "$1" > "$2"', "make", path, theirs]);
      const raw = readFileSync(path);
      const ranges = [
        [length - 1_000_000, 100_000],
        [1_048_000, 4096],
        [3_000_000, 2_000_000],
      ] as const;
      const expected = Buffer.concat(ranges.map(([at, count]) => raw.subarray(at, at + count)));
      for (const packed of [ours, theirs]) {
        const index = `${packed}.index`;
        expect(await runCommand(["index", packed, "-o", index])).toMatchObject({ status: 0, err: "" });
        const pairs = ranges.map(([at, count]) => `${at},${count}`);
        const read = await runBytes(python, ["-c", readScript, packed, index, ...pairs]);
        expect(read.equals(expected)).toBe(true);
      }
      const refused = await runCommand(["index", path, "-o", join(folder, "x")]);
      expect(refused).toMatchObject({ status: 2 });
      expect(existsSync(join(folder, "x"))).toBe(false);
    },
  );

  test("a qcow2 is served with its holes", requires("qemu-img", "nbdinfo"), async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    const image = join(workplace(), "image.qcow2");
    await run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", info.path, image]);
    const words = [
      "nbd",
      image,
      "--run",
      `qemu-img compare -f raw -F raw "$uri" '${info.path}' && nbdinfo --map --totals "$uri"`,
    ];
    const { status, out, err } = await spawnCommand(words);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(/hole,zero/);
  });
});

/** Serves one file with ranges and an ETag. */
async function serveFile(path: string): Promise<string> {
  const { size } = statSync(path);
  const server: Server = createServer((request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const headers = { etag: '"one"', "accept-ranges": "bytes" };
    if (from === undefined) {
      response.writeHead(200, { ...headers, "content-length": size });
      if (request.method === "HEAD") response.end();
      else createReadStream(path).pipe(response);
      return;
    }
    const end = to === undefined || to === "" ? size - 1 : Math.min(Number(to), size - 1);
    const start = Number(from);
    response.writeHead(206, {
      ...headers,
      "content-range": `bytes ${start}-${end}/${size}`,
      "content-length": end - start + 1,
    });
    createReadStream(path, { start, end }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/image`;
}

const webTools = requires("gzip", "qemu-img");

test("an image on a web server is looked into without being fetched whole", webTools, async () => {
  const info = await buildImage("tiny", { boot: "ext4" });
  const { offset } = partitionOf(info, "boot");
  const packed = join(workplace(), "base.xz");
  expect(await runCommand(["prepare", info.path, "-o", packed])).toMatchObject({ status: 0 });
  for (const path of [info.path, packed]) {
    const url = await serveFile(path);
    await holdAgainst(url, info.path, offset);
    expect(existsSync(`${url}.gzidx`)).toBe(false);
    const kind = path === packed ? "stampable .xz" : "raw image";
    expect((await runCommand(["inspect", url])).out.split("\n")[0]).toContain(kind);
    const [ofUrl, ofFile] = [
      await runCommand(["layout", "--from", url]),
      await runCommand(["layout", "--from", path]),
    ];
    expect(ofUrl).toMatchObject({ status: 0, err: "" });
    expect(ofUrl.out.replaceAll(url, path)).toBe(ofFile.out);
    const compare = `qemu-img compare -f raw -F raw "$uri" '${info.path}'`;
    expect(await spawnCommand(["nbd", url, "--run", compare])).toMatchObject({ status: 0, err: "" });
  }
  const foreign = join(workplace(), "foreign.gz");
  await run("sh", ["-c", 'gzip -c "$1" > "$2"', "make", info.path, foreign]);
  const [near, far] = [`${foreign}.near`, `${foreign}.far`];
  expect(await runCommand(["index", foreign, "-o", near])).toMatchObject({ status: 0, err: "" });
  const ofUrl = await runCommand(["index", await serveFile(foreign), "-o", far]);
  expect(ofUrl).toMatchObject({ status: 0, err: "" });
  expect(readFileSync(far).equals(readFileSync(near))).toBe(true);
  const missing = await runCommand(["ls", "http://somebody:secret@127.0.0.1:1/image?token=secret"]);
  expect(missing).toMatchObject({ status: 1, out: "" });
  expect(missing.err).toContain("127.0.0.1");
  expect(missing.err).not.toContain("secret");
});
