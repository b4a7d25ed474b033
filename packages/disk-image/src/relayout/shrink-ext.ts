/*
 * Shrinks ext2, ext3 and ext4 by resize2fs, which moves what lies behind the new end. Never by cutting: blocks in use
 * lie anywhere in a file system.
 */
import { mkdtemp, open, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { FileSource, type ByteSource } from "@bootstamp/byte-source";
import type { ByteRange } from "@bootstamp/layout";
import { DiskImageError } from "../disk-image-error.ts";
import type { Meter } from "../disk-progress.ts";
import { runTool } from "../external-tool.ts";
import { copySparse } from "../sparse-file.ts";

/** Of the superblock, which starts 1024 bytes into the file system. */
const superblockOffset = 1024;
const superblockField = { blockSizeBits: 24, writeTime: 48, madeTime: 264 } as const;

/** What a plan needs to know of an ext file system. */
export interface ExtFacts {
  readonly blockLength: number;
  /** Seconds since 1970: when it was last written to. */
  readonly writeTime: number;
}

export async function readExtFacts(source: ByteSource, place: ByteRange): Promise<ExtFacts> {
  const bytes = await source.read(place.offset + superblockOffset, 1024);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const writeTime = view.getUint32(superblockField.writeTime, true);
  return {
    blockLength: 1024 * 2 ** Math.min(view.getUint32(superblockField.blockSizeBits, true), 6),
    writeTime: writeTime === 0 ? view.getUint32(superblockField.madeTime, true) : writeTime,
  };
}

/**
 * The least bytes that resize2fs says it can shrink the file system at `place` of an image to. Nothing is written.
 * @throws DiskImageError `DISK_TOOL_MISSING`, `DISK_TOOL_FAILED`.
 */
export async function leastExtLength(
  imagePath: string,
  place: ByteRange,
  { blockLength, writeTime }: ExtFacts,
  signal: AbortSignal | undefined,
): Promise<number> {
  return await inScratch(async (scratch) => {
    // Behind a "?" in the name resize2fs takes an offset.
    const image = join(scratch, "image");
    await symlink(resolve(imagePath), image);
    const { stdout } = await runTool("resize2fs", ["-P", `${image}?offset=${place.offset}`], {
      clock: writeTime,
      signal,
    });
    const blocks = /: (\d+)\s*$/.exec(stdout)?.[1];
    if (blocks !== undefined) return Number(blocks) * blockLength;
    throw new DiskImageError(
      "DISK_TOOL_FAILED",
      `resize2fs -P said ${JSON.stringify(stdout)}, expected a number of blocks`,
      {
        tool: "resize2fs",
      },
    );
  });
}

export interface ExtShrink {
  readonly place: ByteRange;
  /** Bytes that it is to have, whole blocks. */
  readonly length: number;
  readonly blockLength: number;
  readonly what: string;
  readonly clock: number;
}

/**
 * Calls `use` with a shrunk copy of the file system at `place` of `source`; the copy is checked by e2fsck before, and
 * gone afterwards. It takes room in the folder for temporary files for what is not a hole.
 * @throws DiskImageError `DISK_NOT_CLEAN`, `DISK_SHRINK_TOO_SMALL`, `DISK_TOOL_MISSING`, `DISK_TOOL_FAILED`.
 */
export async function withShrunkExt(
  source: ByteSource,
  shrink: ExtShrink,
  meter: Meter,
  use: (shrunk: ByteSource) => Promise<void>,
): Promise<void> {
  const { place, length, what } = shrink;
  await inScratch(async (scratch) => {
    const path = join(scratch, "volume");
    const file = await open(path, "wx");
    try {
      await file.truncate(place.length);
      const range = { from: place.offset, to: 0, length: place.length };
      await copySparse(source, file, range, (bytes) => meter.advance(what, bytes));
    } finally {
      await file.close();
    }
    await check(path, shrink, meter.signal);
    await resize(path, shrink, meter.signal);
    const shrunk = FileSource.open(path);
    try {
      if (shrunk.length < length) throw new Error(`internal error: ${shrunk.length} bytes left of ${length}`);
      await use(shrunk);
    } finally {
      shrunk.close();
    }
  });
}

/** Statuses of e2fsck: 1 is "errors corrected", 2 "and the system should be rebooted", which is of no matter here. */
async function check(
  path: string,
  { what, clock }: ExtShrink,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { status, stdout } = await runTool("e2fsck", ["-f", "-p", path], {
    clock,
    statuses: [0, 1, 2, 3, 4],
    signal,
  });
  if (status < 4) return;
  const said = stdout.trim().split("\n").slice(-3).join("; ");
  throw new DiskImageError(
    "DISK_NOT_CLEAN",
    `${what} cannot be shrunk, its file system has errors: ${said}`,
    { said },
  );
}

async function resize(path: string, shrink: ExtShrink, signal: AbortSignal | undefined): Promise<void> {
  const { length, blockLength, what, clock } = shrink;
  try {
    await runTool("resize2fs", [path, `${length / 1024}K`], { clock, signal });
  } catch (error) {
    if (!(error instanceof DiskImageError)) throw error;
    const least = /smaller than minimum \((\d+)\)/.exec(error.message)?.[1];
    if (least === undefined) throw error;
    throw shrinkTooSmall(what, length, Number(least) * blockLength, error);
  }
}

export function shrinkTooSmall(what: string, length: number, least: number, cause?: unknown): DiskImageError {
  const missing = least - length;
  return new DiskImageError(
    "DISK_SHRINK_TOO_SMALL",
    `${what} cannot be shrunk to ${length.toLocaleString("en-US")} bytes: its file system needs ${least.toLocaleString("en-US")}, ${missing.toLocaleString("en-US")} bytes are missing`,
    { length, least, missing },
    { cause },
  );
}

async function inScratch<T>(work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), "bootstamp-shrink-"));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
