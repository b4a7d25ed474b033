import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encodeBmap, variantDigests, type Bmap } from "@bootstamp/bmap";
import type { Extent } from "@bootstamp/segment-map";
import { requires, run } from "@bootstamp/witnesses";
import { afterAll, describe, expect, test } from "vitest";

const block = 4096;
// The last block is cut off.
const imageLength = 100 * block + 77;
const ranges: readonly Extent[] = [
  { offset: 0, length: 3 * block },
  { offset: 3 * block, length: block },
  { offset: 50 * block, length: 10 * block },
  { offset: 100 * block, length: 77 },
];
const patch = [{ offset: 3 * block + 5, bytes: Buffer.from("changed"), replacedCrc32: 0 }];

function makeImage(): Buffer {
  const image = Buffer.alloc(imageLength);
  for (const { offset, length } of ranges) {
    for (let at = offset; at < offset + length; at++) image[at] = (Math.imul(at, 2_654_435_761) >>> 24) | 1;
  }
  return image;
}

const image = makeImage();
const changed = Buffer.from(image);
changed.set(patch[0]?.bytes ?? [], patch[0]?.offset ?? 0);

function digestsOf(bytes: Buffer, wanted: readonly Extent[] = ranges): string[] {
  return wanted.map(({ offset, length }) => sha256(bytes.subarray(offset, offset + length)));
}

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const bmap: Bmap = { imageLength, ranges, digests: digestsOf(image) };

test("the text is what it was", () => {
  const one: Bmap = {
    imageLength: 5000,
    ranges: [{ offset: 4096, length: 904 }],
    digests: ["ab".repeat(32)],
  };
  expect(encodeBmap(one)).toBe(`<?xml version="1.0" ?>
<bmap version="2.0">
  <ImageSize> 5000 </ImageSize>
  <BlockSize> 4096 </BlockSize>
  <BlocksCount> 2 </BlocksCount>
  <MappedBlocksCount> 1 </MappedBlocksCount>
  <ChecksumType> sha256 </ChecksumType>
  <BmapFileChecksum> 2b9523650d127c62ca5c69b3d533e5fa0aa2e3cabe15d29cd3e71e60b5171f58 </BmapFileChecksum>
  <BlockMap>
    <Range chksum="abababababababababababababababababababababababababababababababab"> 1 </Range>
  </BlockMap>
</bmap>
`);
});

test("the checksum is that of the text with 64 zeros in its place", () => {
  const text = encodeBmap(bmap);
  const checksum = /<BmapFileChecksum> (\w{64}) </.exec(text)?.[1] ?? "";
  expect(sha256(text.replace(checksum, "0".repeat(64)))).toBe(checksum);
});

test("of a variant only what the patch changes is digested", async () => {
  const asked: Extent[] = [];
  const digests = await variantDigests(ranges, bmap.digests, patch, async (wanted) => {
    asked.push(...wanted);
    return digestsOf(changed, wanted);
  });
  expect(asked).toEqual([ranges[1]]);
  expect(digests).toEqual(digestsOf(changed));
});

test.each([
  ["an empty image", { ...bmap, imageLength: 0 }],
  ["ranges that overlap", { ...bmap, ranges: ranges.with(1, { offset: 0, length: block }) }],
  ["half a block", { ...bmap, ranges: ranges.with(1, { offset: 3 * block, length: 100 }) }],
  ["a range between blocks", { ...bmap, ranges: ranges.with(1, { offset: 3 * block + 1, length: block }) }],
  ["an empty range", { ...bmap, ranges: ranges.with(1, { offset: 3 * block, length: 0 }) }],
  ["a range beyond the end", { ...bmap, ranges: ranges.with(3, { offset: 100 * block, length: block }) }],
  ["a digest too few", { ...bmap, digests: bmap.digests.slice(1) }],
  ["what is no digest", { ...bmap, digests: bmap.digests.with(0, '"/>') }],
])("refused: %s", (_, wrong) => {
  expect(() => encodeBmap(wrong)).toThrow(RangeError);
});

describe("bmaptool", requires("bmaptool"), () => {
  const directory = mkdtempSync(join(tmpdir(), "bootstamp-bmap-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const place = (name: string, content: string | Uint8Array): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const copy = async (source: string, text: string): Promise<Buffer> => {
    const output = `${source}.copied`;
    await run("bmaptool", ["copy", "--bmap", place("image.bmap", text), source, output]);
    return readFileSync(output);
  };

  test("copies an image and a compressed one, and checks every range", async () => {
    expect((await copy(place("image.raw", image), encodeBmap(bmap))).equals(image)).toBe(true);
    expect((await copy(place("image.gz", gzipSync(image)), encodeBmap(bmap))).equals(image)).toBe(true);
  });

  test("takes a variant with its own map and refuses it with the base's", async () => {
    const variant = place("variant.gz", gzipSync(changed));
    const text = encodeBmap({ ...bmap, digests: digestsOf(changed) });
    expect((await copy(variant, text)).equals(changed)).toBe(true);
    await expect(copy(variant, encodeBmap(bmap))).rejects.toThrow("checksum mismatch for blocks range 3-3");
  });

  test("refuses a map that was changed", async () => {
    const text = encodeBmap(bmap).replace("<MappedBlocksCount> 15", "<MappedBlocksCount> 14");
    expect(text).not.toBe(encodeBmap(bmap));
    await expect(copy(place("image.raw", image), text)).rejects.toThrow("checksum mismatch for bmap file");
  });

  test("takes a map without ranges", async () => {
    const zeros = Buffer.alloc(10_000);
    const text = encodeBmap({ imageLength: zeros.length, ranges: [], digests: [] });
    expect((await copy(place("zeros.raw", zeros), text)).equals(zeros)).toBe(true);
  });

  test("makes the same map of the same image, where it sees the holes", async () => {
    // It joins ranges that touch.
    const joined = [{ offset: 0, length: 4 * block }, ...ranges.slice(2)];
    const path = place("sparse.raw", "");
    const file = openSync(path, "r+");
    for (const { offset, length } of joined) writeSync(file, image, offset, length, offset);
    closeSync(file);
    await run("bmaptool", ["create", "--output", `${path}.bmap`, path]);
    const theirs = readFileSync(`${path}.bmap`, "utf8");
    const ours = encodeBmap({ imageLength, ranges: joined, digests: digestsOf(image, joined) });
    expect(valuesOf(ours)).toContain("MappedBlocksCount 15");
    expect(valuesOf(ours)).toEqual(valuesOf(theirs));
  });
});

/** Every element's and attribute's value but the file's own checksum, in order. */
function valuesOf(text: string): string[] {
  const found = text.matchAll(/<(\w+)(?: chksum="(\w+)")?>\s*([\w-]+)\s*</g);
  return [...found]
    .map(([, name, digest = "", value]) => `${name}${digest} ${value}`)
    .filter((value) => !value.startsWith("BmapFile"));
}
