import { closeSync, ftruncateSync, openSync } from "node:fs";
import { type ByteSource, FileSource, writeAtSync } from "@bootstamp/byte-source";
import { extentEnd, release } from "@bootstamp/segment-map";
import { shareBlocks } from "@bootstamp/stamp";
import type { PreparedSplice } from "./prepare-splice.ts";

/** Bytes that are read and written at once. */
const windowLength = 1 << 20;

/**
 * Creates `path` as a spliced file. Where the file system shares blocks (XFS, btrfs, bcachefs), what stays in its place
 * costs nothing: all before the first new segment, and the rest too where the segments have kept their lengths.
 */
export async function writeSpliced(
  { content, changed }: PreparedSplice,
  stampable: ByteSource,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const shared = stampable instanceof FileSource ? shareBlocks(stampable, path) : undefined;
  const descriptor = shared ?? openSync(path, "wx");
  const extents = shared === undefined ? [{ offset: 0, length: content.length }] : changed;
  try {
    for (const extent of extents) {
      for (let at = extent.offset; at < extentEnd(extent); at += windowLength) {
        signal?.throwIfAborted();
        const bytes = await content.read(at, Math.min(windowLength, extentEnd(extent) - at));
        writeAtSync(descriptor, bytes, at);
        release(bytes);
      }
    }
    ftruncateSync(descriptor, content.length);
  } finally {
    closeSync(descriptor);
  }
}
