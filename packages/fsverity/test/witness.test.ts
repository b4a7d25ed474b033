// The kernel's own tool, fsverity-utils, on the same files.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSource, type Overwrite } from "@bootstamp/byte-source";
import { MerkleTree, type TreeOptions, type VerityChoice } from "@bootstamp/fsverity";
import { requires, run } from "@bootstamp/witnesses";
import { afterAll, expect, test } from "vitest";
import { noise } from "./some-bytes.ts";

const directory = mkdtempSync(join(tmpdir(), "bootstamp-fsverity-"));
const path = join(directory, "file");

afterAll(() => rmSync(directory, { recursive: true }));

async function witnessed({ algorithm, blockLength, salt }: VerityChoice): Promise<string> {
  const options = [
    ...(algorithm === undefined ? [] : [`--hash-alg=${algorithm}`]),
    ...(blockLength === undefined ? [] : [`--block-size=${blockLength}`]),
    ...(salt === undefined || salt.length === 0 ? [] : [`--salt=${Buffer.from(salt).toString("hex")}`]),
  ];
  const said = await run("fsverity", ["digest", "--compact", ...options, path]);
  return said.trim().replace(/^sha\d+:/, "");
}

async function ours(options: TreeOptions): Promise<string> {
  const source = FileSource.open(path);
  try {
    return (await MerkleTree.of(source, options)).digest;
  } finally {
    source.close();
  }
}

const block = 4096;
const around = (length: number): number[] => [length - 1, length, length + 1];
const edges = [1, 128, 129].flatMap((blocks) => around(blocks * block));
const wholeTree = 128 * 128 * block;

test.each([0, 1, ...edges, wholeTree, wholeTree + 1])(
  "a file of %i bytes",
  requires("fsverity"),
  async (length) => {
    writeFileSync(path, noise(length));
    expect(await ours({})).toBe(await witnessed({}));
    expect(await ours({ memoryLength: 0 })).toBe(await witnessed({}));
  },
);

// 16 hashes a block: so the edges of three levels are in reach.
const narrow: VerityChoice = { algorithm: "sha512", blockLength: 1024 };

test.each([1, 16, 256, 4096].flatMap((blocks) => around(blocks * 1024)))(
  "a file of %i bytes, 16 hashes a block",
  requires("fsverity"),
  async (length) => {
    writeFileSync(path, noise(length));
    expect(await ours(narrow)).toBe(await witnessed(narrow));
    expect(await ours({ ...narrow, memoryLength: 500 })).toBe(await witnessed(narrow));
  },
);

const salts = [0, 1, 31, 32].map((length) => noise(length, 7));
const choices = (["sha256", "sha512"] as const).flatMap((algorithm) =>
  [1024, 2048, 4096, 16_384, 65_536].flatMap((blockLength) =>
    salts.map((salt): VerityChoice => ({ algorithm, blockLength, salt })),
  ),
);

test.each(choices)(
  "$algorithm, blocks of $blockLength, salt $salt.length",
  requires("fsverity"),
  async (choice) => {
    writeFileSync(path, noise(300_001));
    expect(await ours(choice)).toBe(await witnessed(choice));
  },
);

test("a sparse file of 1 GiB, whose leaves are not all kept", requires("fsverity"), async () => {
  writeFileSync(path, noise(100_000));
  truncateSync(path, 2 ** 30 + 1);
  expect(await ours({ memoryLength: 1 << 20 })).toBe(await witnessed({}));
});

test.each<[string, readonly Overwrite[]]>([
  ["at both ends", [at(0, 1), at(70_000_000 - 1, 1)]],
  ["across blocks and units", [at(128 * block - 3, 6), at(128 * 128 * block - 5000, 10_000)]],
  ["in every unit", Array.from({ length: 133 }, (_, index) => at(index * 128 * block + 77, 5))],
  ["of most of it", [at(10, 69_000_000)]],
])("patched %s", requires("fsverity"), async (_, overwrites) => {
  const bytes = noise(70_000_000);
  writeFileSync(path, bytes);
  const source = FileSource.open(path);
  const fine = await MerkleTree.of(source);
  const coarse = await MerkleTree.of(source, { memoryLength: 10_000 });
  const found = [await fine.patched(overwrites, source), await coarse.patched(overwrites, source)];
  source.close();
  for (const each of overwrites) bytes.set(each.bytes, each.offset);
  writeFileSync(path, bytes);
  const expected = await witnessed({});
  expect(found).toEqual([expected, expected]);
});

function at(offset: number, length: number): Overwrite {
  return { offset, bytes: noise(length, offset) };
}
