// What xz, and those who read .xz at random, see in an artifact.
import { mkdirSync, openSync, readFileSync, readSync, closeSync } from "node:fs";
import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { decodeToFile, referenceDecoders, referenceTools, requires, run } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NbdServer, serveThroughXz } from "../src/nbd-server.ts";
import { bootstamp, eventNamed } from "../src/program.ts";
import { type ScratchFolder, scratchFolder } from "../src/scratch-folder.ts";
import { subjects, toolsOf } from "../src/subjects.ts";
import { buildVariants, type VariantBuild } from "../src/variant-build.ts";
import { listXz, type XzListing } from "../src/xz-listing.ts";

const segmentLength = 16 << 20;
const subject = subjects.find(({ recipe }) => recipe === "debian-sdboot");
if (subject === undefined) throw new Error("there is nothing to test with");

interface Extent {
  readonly offset: number;
  readonly length: number;
}

describe("an artifact", requires(...toolsOf(subject), ...referenceTools), () => {
  let scratch: ScratchFolder;
  let artifact = "";
  let raw = "";
  let listing: XzListing;

  beforeAll(async () => {
    scratch = scratchFolder();
    const image = await buildImage("debian-sdboot");
    const build = await buildVariants({ image: image.path, folder: scratch.path, formats: ["xz"] });
    artifact = build.artifact("azure", "xz");
    raw = join(scratch.path, "azure.raw");
    await decodeToFile(referenceDecoders.xz, artifact, raw);
    listing = await listXz(artifact);
  });
  afterAll(() => scratch[Symbol.dispose]());

  test("is one stream without padding, of blocks that follow one another", () => {
    const { streams, padding, blocks } = listing;
    expect({ streams, padding }).toEqual({ streams: 1, padding: 0 });
    let end = 0;
    for (const { rawOffset, rawLength } of blocks) {
      expect(rawOffset).toBe(end);
      end += rawLength;
    }
    expect(end).toBe(253_755_392);
  });

  test("has blocks that are decoded in parallel: no longer than a segment, both sizes in each header", () => {
    for (const { rawLength, sizes, check, filters } of listing.blocks) {
      expect({ sizes, check }).toEqual({ sizes: "cu", check: "CRC64" });
      expect(rawLength).toBeLessThanOrEqual(segmentLength);
      expect(filters).toMatch(/^--lzma2=dict=\d+(KiB|MiB)$/);
      // Dictionaries come in steps: the next one above a length is up to half as much again (xz file format §5.3.1).
      expect(dictionaryLength(filters)).toBeLessThanOrEqual(Math.max(1.5 * rawLength, 4096));
    }
  });

  test("has a block of uncompressed LZMA2 chunks for each stored extent", async () => {
    const stored = eventNamed(await bootstamp(["inspect", artifact]), "image")["stored"] as Extent[];
    expect(stored.length).toBeGreaterThan(1);
    for (const { offset, length } of stored) {
      const block = listing.blocks.find(({ rawOffset }) => rawOffset === offset);
      // A chunk has up to 64 KiB behind 3 bytes, and one byte ends them (xz file format, LZMA2).
      const dataLength = length + 3 * Math.ceil(length / 65_536) + 1;
      expect(block).toMatchObject({ rawLength: length, dataLength });
      expect(readFileSync(artifact).includes(readAt(raw, offset, length))).toBe(true);
    }
  });

  describe("behind nbdkit's xz filter", requires("nbdkit", "qemu-img", "qemu-io"), () => {
    let server: NbdServer;
    beforeAll(async () => {
      const folder = join(scratch.path, "nbd");
      mkdirSync(folder);
      server = await serveThroughXz(artifact, folder);
    });
    afterAll(async () => await server[Symbol.asyncDispose]());

    test("is the raw image to qemu-img", async () => {
      const { uri } = server;
      const compared = await run("qemu-img", ["compare", "-f", "raw", "-F", "raw", uri, raw]);
      expect(compared).toBe("Images are identical.\n");
    });

    test("is read at random, across the ends of blocks", async () => {
      const ends = listing.blocks.map(({ rawOffset }) => rawOffset).filter((offset) => offset > 0);
      const places = ends
        .toReversed()
        .flatMap((end, index) => (index % 2 === 0 ? [end - 512] : [end - 1024]));
      const reads = places.map((offset) => `read -v ${offset} 2048`);
      const printed = await run("qemu-io", [
        "-r",
        "-f",
        "raw",
        ...reads.flatMap((read) => ["-c", read]),
        server.uri,
      ]);
      expect(dumpedBytes(printed)).toEqual(Buffer.concat(places.map((offset) => readAt(raw, offset, 2048))));
    });
  });
});

describe("the check that a spec asks for", requires(...referenceTools), () => {
  const checks = [
    ["crc32", "CRC32"],
    ["sha256", "SHA-256"],
  ] as const;

  test.each(checks)("%s is what xz finds, and finds right after stamping", async (check, shown) => {
    using scratch = scratchFolder();
    const { path: image } = await buildImage("tiny");
    const request = { image, folder: scratch.path, formats: ["xz"], xz: { check } } as const;
    const build: VariantBuild = await buildVariants(request);
    const artifact = build.artifact("aws", "xz");
    const { blocks } = await listXz(artifact);
    expect(new Set(blocks.map((block) => block.check))).toEqual(new Set([shown]));
    await expect(run("xz", ["-t", artifact])).resolves.toBe("");
  });
});

function dictionaryLength(filters: string): number {
  const [, digits, unit] = /dict=(\d+)(KiB|MiB)/.exec(filters) ?? [];
  return Number(digits) * (unit === "MiB" ? 1 << 20 : 1024);
}

function readAt(path: string, offset: number, length: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, offset);
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** The bytes of qemu-io's dumps: lines of an offset, a colon, and up to 16 bytes in hexadecimal. */
function dumpedBytes(printed: string): Buffer {
  const rows = printed.matchAll(/^[0-9a-f]{8,}: {2}((?:[0-9a-f]{2} )+)/gm);
  return Buffer.concat([...rows].map(([, hex = ""]) => Buffer.from(hex.replaceAll(" ", ""), "hex")));
}
