import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { bmapRanges, encodeBmap, variantDigests } from "@bootstamp/bmap";
import { FileSource, type Overwrite } from "@bootstamp/byte-source";
import { crc64nvme } from "@bootstamp/crc";
import { format } from "@bootstamp/gzip";
import { pressImage, type Pressed } from "@bootstamp/press";
import { openDigester, stampFile, streamStamped } from "@bootstamp/stamp";
import { requires, run, runBytes } from "@bootstamp/witnesses";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noise, patchOf, temporaryDirectory, withOverwrites } from "./patched-bytes.ts";

const directory = temporaryDirectory();
const digester = openDigester({ threads: 2 });
const raw = makeImage();
// Stored at the very start, in the middle, and at the end of the image, which is no whole block.
const stored = [
  { offset: 0, length: 8192 },
  { offset: 1 << 20, length: 160 << 10 },
  { offset: 5 << 20, length: 77 },
];
const variants: Readonly<Record<string, readonly Overwrite[]>> = {
  none: [],
  ends: [
    { offset: 0, bytes: noise(1, 2) },
    { offset: raw.length - 1, bytes: noise(1, 3) },
  ],
  whole: [
    { offset: 0, bytes: noise(8192, 4) },
    { offset: 1 << 20, bytes: noise(160 << 10, 5) },
  ],
  text: [{ offset: (1 << 20) + 40_000, bytes: Buffer.from("console=ttyS0,115200n8 ".repeat(3000)) }],
};

let base: FileSource;
let stampable: FileSource;
let pressed: Pressed;

beforeAll(async () => {
  writeFileSync(join(directory, "base.raw"), raw);
  base = FileSource.open(join(directory, "base.raw"));
  const output = join(directory, "stampable.gz");
  pressed = await pressImage({ base, format, settings: format.settle({}), stored, output, threads: 2 });
  stampable = FileSource.open(output);
});

afterAll(async () => {
  await digester.close();
  base.close();
  stampable.close();
});

/** Five MiB and a bit: text, zeros, noise. */
function makeImage(): Uint8Array {
  const image = new Uint8Array((5 << 20) + 77);
  for (let at = 0; at < 600_000; at++) image[at] = 97 + ((at * at) % 23);
  image.set(noise(1_200_000, 6), 1_000_000);
  image.set(noise(500_077, 7), image.length - 500_077);
  return image;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function stamp(name: string): Promise<{
  output: string;
  overwrites: readonly Overwrite[];
  writes: readonly Overwrite[];
  crc: bigint | undefined;
}> {
  const overwrites = variants[name] ?? [];
  const output = join(directory, `${name}.gz`);
  const { writes, packedCrc64nvme: crc } = await stampFile({
    format,
    map: pressed.map,
    stampable,
    patch: patchOf(raw, overwrites),
    output,
    stampableCrc64nvme: pressed.packedCrc64nvme,
  });
  return { output, overwrites, writes, crc };
}

test.each(Object.keys(variants))(
  "variant %s: gzip and Python decode it to the patched image",
  requires("gzip", "python3"),
  async (name) => {
    const { output, overwrites } = await stamp(name);
    const expected = sha256(withOverwrites(raw, overwrites));
    await run("gzip", ["-t", output]);
    expect(sha256(await runBytes("gzip", ["-dc", output]))).toBe(expected);
    const script =
      "import gzip, hashlib, sys; print(hashlib.sha256(gzip.open(sys.argv[1]).read()).hexdigest())";
    expect(await run("python3", ["-c", script, output])).toBe(`${expected}\n`);
  },
);

test.each(Object.keys(variants))(
  "variant %s: the digests are those of the files",
  requires("sha256sum"),
  async (name) => {
    const { output, overwrites, writes, crc } = await stamp(name);
    const digest = await digester.digest({ file: stampable, overwrites: writes });
    expect(await run("sha256sum", [output])).toBe(`${digest}  ${output}\n`);
    expect(await digester.digest({ file: base, overwrites })).toBe(sha256(withOverwrites(raw, overwrites)));
    expect(crc).toBe(crc64nvme.of(readFileSync(output)));
  },
);

test.each(Object.keys(variants))("variant %s: the stream is the file", async (name) => {
  const { output, overwrites } = await stamp(name);
  const patch = patchOf(raw, overwrites);
  const streamed = await buffer(streamStamped({ format, map: pressed.map, stampable, patch }));
  expect(streamed.equals(readFileSync(output))).toBe(true);
});

test.each(Object.keys(variants))(
  "variant %s: bmaptool writes the image and checks every range",
  requires("bmaptool"),
  async (name) => {
    const { output, overwrites } = await stamp(name);
    const patch = patchOf(raw, overwrites);
    const ranges = bmapRanges(pressed.map, "holes");
    const ofBase = await digester.digestRanges({ file: base, ranges });
    const digests = await variantDigests(ranges, ofBase, patch, async (changed) => {
      return await digester.digestRanges({ file: base, ranges: changed, overwrites });
    });
    writeFileSync(`${output}.bmap`, encodeBmap({ imageLength: raw.length, ranges, digests }));
    await run("bmaptool", ["copy", "--bmap", `${output}.bmap`, output, `${output}.copied`]);
    expect(readFileSync(`${output}.copied`).equals(withOverwrites(raw, overwrites))).toBe(true);
  },
);

test("a patch outside what is stored is refused", async () => {
  const patch = patchOf(raw, [{ offset: 500_000, bytes: noise(5) }]);
  const output = join(directory, "refused.gz");
  await expect(stampFile({ format, map: pressed.map, stampable, patch, output })).rejects.toMatchObject({
    code: "MAP_PATCH_NOT_STORED",
  });
});
