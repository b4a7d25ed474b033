import { createHash } from "node:crypto";
import { closeSync, copyFileSync, openSync, writeSync } from "node:fs";
import { buildImage, partitionOf } from "@bootstamp/test-images";

/** A mebibyte that does not compress, the same in every run. */
const noise: Buffer = Buffer.concat(
  Array.from({ length: 1 << 15 }, (_, index) => createHash("sha256").update(`${index}`).digest()),
);

/**
 * Writes a small image to a path, whose root partition is so many times the same mebibyte of noise, and returns where
 * that begins and how long it is.
 */
export async function writeNoisyImage(
  path: string,
  times: 1 | 2,
): Promise<{ readonly offset: number; readonly length: number }> {
  const base = await buildImage("tiny");
  copyFileSync(base.path, path);
  const { offset } = partitionOf(base, "root");
  const file = openSync(path, "r+");
  for (let index = 0; index < times; index++)
    writeSync(file, noise, 0, noise.length, offset + index * noise.length);
  closeSync(file);
  return { offset, length: times * noise.length };
}
