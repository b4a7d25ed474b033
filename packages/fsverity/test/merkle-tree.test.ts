import { MemorySource } from "@bootstamp/byte-source";
import { MerkleTree, type TreeOptions } from "@bootstamp/fsverity";
import { expect, test } from "vitest";
import { noise } from "./some-bytes.ts";

async function digestOf(bytes: Uint8Array, options: TreeOptions = {}): Promise<string> {
  return (await MerkleTree.of(new MemorySource(bytes), options)).digest;
}

test("an empty file has the digest that the kernel's own tests expect of it", async () => {
  // xfstests, generic/575: SHA-256 and SHA-512 of blocks of 4096 bytes.
  expect(await digestOf(new Uint8Array())).toBe(
    "3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95",
  );
  expect(await digestOf(new Uint8Array(), { algorithm: "sha512" })).toBe(
    "ccf9e5aea1c2a64efa2f2354a6024b90dffde6bbc017825045dce374474e13d10adb9dadcc6ca8e17a3c075fbd31336e8f266ae6fa93a6c3bed66f9e784e5abf",
  );
});

test.each([
  ["of no power of two", { blockLength: 3000 }],
  ["too short", { blockLength: 512 }],
  ["too long", { blockLength: 131_072 }],
  ["that are none", { blockLength: Number.NaN }],
  ["of an unknown algorithm", { algorithm: "md5" as "sha256" }],
  ["of an algorithm that every object has", { algorithm: "toString" as "sha256" }],
  ["with too much salt", { salt: new Uint8Array(33) }],
])("blocks %s are refused", async (_, choice) => {
  await expect(digestOf(new Uint8Array(10), choice)).rejects.toMatchObject({ code: "VERITY_SETTING" });
});

test("what is kept of a tree changes nothing but the cost", async () => {
  const bytes = noise(300 * 1024 + 5);
  const blockLength = 1024;
  const overwrites = [
    { offset: 0, bytes: noise(1, 2) },
    { offset: 40_000, bytes: noise(70_000, 3) },
    { offset: bytes.length - 1, bytes: noise(1, 4) },
  ];
  const after = new Uint8Array(bytes);
  for (const each of overwrites) after.set(each.bytes, each.offset);
  const expected = await digestOf(after, { blockLength });
  const source = new MemorySource(bytes);
  for (const memoryLength of [0, 32, 320, 9_632, 1 << 20]) {
    const tree = await MerkleTree.of(source, { blockLength, memoryLength });
    expect(tree.digest).toBe(await digestOf(bytes, { blockLength }));
    expect(await tree.patched(overwrites, source)).toBe(expected);
  }
});

test("a patched digest reads what was patched and its neighbours, and not the file", async () => {
  let bytesRead = 0;
  const zeros = {
    length: 2 ** 29,
    read: async (_: number, count: number) => {
      bytesRead += count;
      return new Uint8Array(count);
    },
  };
  const overwrites = [{ offset: 2 ** 28 - 1, bytes: noise(2) }];
  const coarse = await MerkleTree.of(zeros, { memoryLength: 1 << 20 });
  const fine = await MerkleTree.of(zeros);
  bytesRead = 0;
  await coarse.patched(overwrites, zeros);
  // One hash stands for 128 blocks, and two of them are touched.
  expect(bytesRead).toBe(2 * 128 * 4096);
  bytesRead = 0;
  await fine.patched(overwrites, zeros);
  expect(bytesRead).toBe(2 * 4096);
});

test("a hundred thousand overwrites are taken in one go", async () => {
  const length = 2 ** 30;
  const zeros = { length, read: async (_: number, count: number) => new Uint8Array(count) };
  const tree = await MerkleTree.of(zeros);
  const same = Array.from({ length: 2 ** 17 }, (_, index) => ({
    offset: index * 8192,
    bytes: new Uint8Array(1),
  }));
  expect(await tree.patched(same, zeros)).toBe(tree.digest);
});

test("overwrites that do not fit the file, and another file, are refused", async () => {
  const source = new MemorySource(noise(5000));
  const tree = await MerkleTree.of(source);
  const one = { offset: 4999, bytes: noise(2) };
  await expect(tree.patched([one], source)).rejects.toThrow(RangeError);
  const twice = { offset: 10, bytes: noise(2) };
  await expect(tree.patched([twice, twice], source)).rejects.toThrow(RangeError);
  await expect(tree.patched([], new MemorySource(noise(4999)))).rejects.toThrow(RangeError);
});

test("no overwrites, and those of nothing, leave the digest", async () => {
  for (const length of [0, 1, 5000]) {
    const source = new MemorySource(noise(length));
    const tree = await MerkleTree.of(source);
    expect(await tree.patched([], source)).toBe(tree.digest);
    expect(await tree.patched([{ offset: 0, bytes: new Uint8Array() }], source)).toBe(tree.digest);
  }
});

test("hashing tells how far it is, and stops when it is told to", async () => {
  const source = new MemorySource(noise((3 << 20) + 1));
  const progress: number[] = [];
  await MerkleTree.of(source, { onProgress: (done) => progress.push(done) });
  expect(progress).toEqual([1 << 20, 2 << 20, 3 << 20, (3 << 20) + 1]);
  const stop = new AbortController();
  const stopped = MerkleTree.of(source, {
    onProgress: () => stop.abort(new Error("enough")),
    signal: stop.signal,
  });
  await expect(stopped).rejects.toThrow("enough");
});

test("salt may be changed after the tree was asked for", async () => {
  const source = new MemorySource(noise(9000));
  const salt = Uint8Array.of(1, 2, 3);
  const making = MerkleTree.of(source, { salt });
  const expected = await digestOf(noise(9000), { salt: Uint8Array.of(1, 2, 3) });
  salt.fill(9);
  expect((await making).digest).toBe(expected);
});
