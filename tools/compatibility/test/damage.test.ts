// One bit of an artifact is wrong: `verify` finds it, and says what is broken.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { assertDecodesTo, type Decoder, decodersFor, requires, run } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeToFile, referenceTools } from "../src/decoded-file.ts";
import { writeNoisyImage } from "../src/noisy-image.ts";
import { bootstamp, eventNamed, type ProgramEvent } from "../src/program.ts";
import { type ScratchFolder, scratchFolder } from "../src/scratch-folder.ts";
import { buildVariants, type VariantBuild } from "../src/variant-build.ts";

const timeout = 300_000;
const formats = ["gz", "xz", "zst"] as const;
/** The most flips that may come to nothing, of those that are tried in one file. */
const maxMeaningless = 3;
/** Magic number and descriptor of a frame with a window, a content size of 4 bytes, and a checksum. */
const frameStart = Buffer.from("28b52ffd84", "hex");
const wholeEdge = Array.from({ length: 24 }, (_, index) => index);

describe("a flipped bit", { ...requires(...referenceTools), timeout }, () => {
  let scratch: ScratchFolder;
  let build: VariantBuild;

  beforeAll(async () => {
    scratch = scratchFolder();
    const image = join(scratch.path, "image.raw");
    await writeNoisyImage(image, 2);
    build = await buildVariants({ image, folder: scratch.path, formats });
  }, timeout);
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
    await decodeToFile(build.artifact("aws", format), format, raw);
    for (const path of passed) {
      const [reference] = decodersFor(format);
      await expect(assertDecodesTo(reference as Decoder, path, raw)).resolves.toBeUndefined();
      copyFileSync(join(scratch.path, "out", "manifest.json"), join(dirname(path), "manifest.json"));
      const beside = await bootstamp(["verify", path], 1);
      expect(eventNamed(beside, "error")).toMatchObject({ code: "VERIFY_DIFFERS" });
    }
  });

  // RFC 8878 §3.1.1.1.2. Fails as long as `verify` takes a window that is shorter than the matches reach back, which
  // zstd does not.
  test.fails("of a .zst frame's window is found, or zstd reads the file all the same", async () => {
    const files = shortWindows(build.artifact("aws", "zst"), join(scratch.path, "windows"));
    const events = await bootstamp(["verify", ...files], 1);
    const refused: string[] = [];
    for (const path of pathsOf(events, "verified"))
      await run("zstd", ["-tq", path]).catch(() => refused.push(path));
    expect(refused).toEqual([]);
  });

  test.each(["xz", "zst"] as const)("of a .%s is placed in its segment", async (format) => {
    const files = damagedFiles(build.artifact("azure", format), join(scratch.path, `placed-${format}`), []);
    const events = await bootstamp(["verify", ...files], 1);
    const damaged = events.filter(({ event }) => event === "damaged");
    expect(damaged).toHaveLength(files.length);
    const starts = damaged.map(({ message }) => Number(/packed offset (\d+),/.exec(String(message))?.[1]));
    const offsets = files.map((file) => Number(basename(dirname(file))));
    for (const [index, offset] of offsets.entries()) {
      expect(starts[index]).toBeLessThanOrEqual(offset);
      // No other segment begins between what was named and the bit.
      expect(starts.filter((start) => start > (starts[index] ?? 0) && start <= offset)).toEqual([]);
    }
  });
});

/** Copies of an artifact, each with the window of one frame made four times as short. */
function shortWindows(artifact: string, folder: string): string[] {
  const bytes = readFileSync(artifact);
  const files: string[] = [];
  for (let at = bytes.indexOf(frameStart); at !== -1; at = bytes.indexOf(frameStart, at + 1)) {
    const path = join(folder, `${at}`, basename(artifact));
    files.push(writeDamaged(path, bytes, at + frameStart.length, 4));
  }
  return files;
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
