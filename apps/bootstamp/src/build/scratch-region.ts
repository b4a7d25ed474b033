import { ftruncateSync, mkdtempSync, openSync, closeSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSource, writeAtSync } from "@bootstamp/byte-source";
import { chunksOf } from "@bootstamp/press";
import { explainWriteFailure } from "@bootstamp/whole-file";
import type { BaseImage } from "./base-image.ts";

/** Gives `work` the base as a file, for readers that cannot wait: itself, or a copy in TMPDIR of its region alone. */
export async function withRegionFile<T>(base: BaseImage, work: (file: FileSource) => Promise<T>): Promise<T> {
  if (base.file !== undefined) return await work(base.file);
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-region-"));
  try {
    const path = join(folder, "region");
    await copyRegion(base, path).catch((error: unknown) => {
      throw explainWriteFailure(path, error);
    });
    const file = FileSource.open(path);
    try {
      return await work(file);
    } finally {
      file.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** At its place in a file as long as the image, with a hole for all the rest. */
async function copyRegion({ raw, region }: BaseImage, path: string): Promise<void> {
  const descriptor = openSync(path, "wx", 0o600);
  try {
    ftruncateSync(descriptor, raw.length);
    let offset = region.offset;
    for await (const chunk of chunksOf(raw, region)) {
      writeAtSync(descriptor, chunk, offset);
      offset += chunk.length;
    }
  } finally {
    closeSync(descriptor);
  }
}
