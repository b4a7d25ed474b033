// One bit of an artifact is wrong: `verify` finds it, and says what is broken.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  assertDecodesTo,
  decodeToFile,
  referenceDecoders,
  referenceTools,
  requires,
} from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeNoisyImage } from "../src/noisy-image.ts";
import { bootstamp, eventNamed, type ProgramEvent } from "../src/program.ts";
import { type ScratchFolder, scratchFolder } from "../src/scratch-folder.ts";
import { buildVariants, type VariantBuild } from "../src/variant-build.ts";

const formats = ["gz", "xz", "zst"] as const;
/** The most flips that may come to nothing, of those that are tried in one file. */
const maxMeaningless = 3;
/** Magic number and descriptor of a frame with a content size of 4 bytes and a checksum, and without a window. */
const frameStart = Buffer.from("28b52ffda4", "hex");
const magicLength = 4;
const wholeEdge = Array.from({ length: 24 }, (_, index) => index);

describe("a flipped bit", requires(...referenceTools), () => {
  let scratch: ScratchFolder;
  let build: VariantBuild;

  beforeAll(async () => {
    scratch = scratchFolder();
    const image = join(scratch.path, "image.raw");
    await writeNoisyImage(image, 2);
    build = await buildVariants({ image, folder: scratch.path, formats });
  });
  afterAll(() => scratch[Symbol.dispose]());

  // Some bits mean nothing: a deflate stream has padding, a zstd header a spare bit and a window of any length. That
  // such a file is not the one that was made can be known from the manifest alone.
  test.each(formats)("of a .%s is found, or changes nothing and is told by the manifest", async (format) => {
    const files = damagedFiles(build.artifact("aws", format), join(scratch.path, format));
    const events = await bootstamp(["verify", ...files], 1);
    const found = pathsOf(events, "damaged");
    const passed = pathsOf(events, "verified");
    expect([...found, ...passed].toSorted()).toEqual(files.toSorted());
    expect(passed.length).toBeLessThanOrEqual(maxMeaningless);
    const raw = join(scratch.path, `${format}.raw`);
    await decodeToFile(referenceDecoders[format], build.artifact("aws", format), raw);
    for (const path of passed) {
      await expect(assertDecodesTo(referenceDecoders[format], path, raw)).resolves.toBeUndefined();
      copyFileSync(join(scratch.path, "out", "manifest.json"), join(dirname(path), "manifest.json"));
      const beside = await bootstamp(["verify", path], 1);
      expect(eventNamed(beside, "error")).toMatchObject({ code: "VERIFY_DIFFERS" });
    }
  });

  // RFC 8878 §3.1.1.1: there are bits in a frame's header that a decoder may pass over, and so zstd does.
  test("of the header of a .zst frame is found, and placed in the frame", async () => {
    const files = damagedHeaders(build.artifact("aws", "zst"), join(scratch.path, "headers"));
    const events = await bootstamp(["verify", ...files.map(({ path }) => path)], 1);
    const damaged = events.filter(({ event }) => event === "damaged");
    expect(
      damaged.map(({ path, code, message }) => ({ path, code, packedOffset: placeIn(message) })),
    ).toEqual(files.map(({ path, packedOffset }) => ({ path, code: "MAP_SEGMENT_DAMAGED", packedOffset })));
  });

  test("of what a .gz stores is placed in its stored extents", async () => {
    const artifact = build.artifact("aws", "gz");
    const { stored } = eventNamed(await bootstamp(["inspect", artifact]), "image");
    const [first] = stored as { readonly offset: number; readonly length: number }[];
    const bytes = readFileSync(artifact);
    // Only stored text can be read as it is.
    const path = writeDamaged(join(scratch.path, "stored", "aws.gz"), bytes, bytes.indexOf("name = aws"), 3);
    expect(eventNamed(await bootstamp(["verify", path], 1), "error")).toMatchObject({
      code: "MAP_CHECKSUM",
      message: expect.stringContaining(`in the stored extents: ${first?.length} bytes at ${first?.offset}`),
    });
  });

  test.each(formats)("of a .%s is placed in its segment", async (format) => {
    const files = damagedFiles(build.artifact("azure", format), join(scratch.path, `placed-${format}`), []);
    const events = await bootstamp(["verify", ...files], 1);
    const damaged = events.filter(({ event }) => event === "damaged");
    expect(damaged).toHaveLength(files.length);
    const starts = damaged.map(({ message }) => placeIn(message));
    const offsets = files.map((file) => Number(basename(dirname(file))));
    for (const [index, offset] of offsets.entries()) {
      expect(starts[index]).toBeLessThanOrEqual(offset);
      // No other segment begins between what was named and the bit.
      expect(starts.filter((start) => start > (starts[index] ?? 0) && start <= offset)).toEqual([]);
    }
  });
});

interface DamagedHeader {
  readonly path: string;
  /** Of the frame. */
  readonly packedOffset: number;
}

/** Copies of an artifact, each with a bit flipped behind the magic number of one of its first frames. */
function damagedHeaders(artifact: string, folder: string): DamagedHeader[] {
  const bytes = readFileSync(artifact);
  const files: DamagedHeader[] = [];
  let packedOffset = bytes.indexOf(frameStart);
  for (let frame = 0; frame < 3 && packedOffset !== -1; frame++) {
    // Each bit of the descriptor, and one in each byte of the content's size.
    for (const bit of [0, 1, 2, 3, 4, 5, 6, 7, 8, 17, 26, 35]) {
      const at = packedOffset + magicLength + (bit >> 3);
      const path = join(folder, `${packedOffset}-${bit}`, basename(artifact));
      files.push({ path: writeDamaged(path, bytes, at, bit & 7), packedOffset });
    }
    packedOffset = bytes.indexOf(frameStart, packedOffset + 1);
  }
  return files;
}

/** The packed offset that a message names. */
function placeIn(message: unknown): number {
  return Number(/packed offset (\d+),/.exec(String(message))?.[1]);
}

/**
 * Copies of an artifact with a bit flipped each, in folders named by the byte: all bytes of the beginning and the end,
 * where formats keep what they say of the file, and some between.
 */
function damagedFiles(artifact: string, folder: string, edge: readonly number[] = wholeEdge): string[] {
  const bytes = readFileSync(artifact);
  const between = Array.from({ length: 15 }, (_, index) => Math.floor((bytes.length * (index + 1)) / 16));
  const offsets = [...edge, ...between, ...edge.map((index) => bytes.length - 1 - index)];
  return offsets.map((offset) => {
    const path = join(folder, `${offset}`, basename(artifact));
    return writeDamaged(path, bytes, offset, offset % 8);
  });
}

function writeDamaged(path: string, bytes: Buffer, offset: number, bit: number): string {
  mkdirSync(dirname(path), { recursive: true });
  const damaged = Buffer.from(bytes);
  damaged.writeUInt8(bytes.readUInt8(offset) ^ (1 << bit), offset);
  writeFileSync(path, damaged);
  return path;
}

function pathsOf(events: readonly ProgramEvent[], name: string): string[] {
  return events.filter(({ event }) => event === name).map(({ path }) => String(path));
}
