// Seekable .zst as other programs make it: zstd's own frames, and the table that its contrib/seekable_format describes
// (version 0.1.0). No program that Debian has writes one.
import { closeSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { runBytes } from "@bootstamp/witnesses";

const frameLength = 1 << 20;
const blockLength = 128 << 10;

export interface SeekableOptions {
  /** Frames in which nothing is compressed: those that hold something of this range. */
  readonly raw?: { readonly offset: number; readonly length: number };
}

/** Writes what `image` holds as frames of 1 MiB and a seek table. */
export async function writeSeekable(
  image: string,
  path: string,
  { raw }: SeekableOptions = {},
): Promise<void> {
  const parts: Buffer[] = [];
  const numbers: number[] = [];
  for (let offset = 0; offset < statSync(image).size; offset += frameLength) {
    const bytes = readAt(image, offset, frameLength);
    const isRaw = raw !== undefined && offset < raw.offset + raw.length && offset + bytes.length > raw.offset;
    const frame = isRaw ? rawFrame(bytes) : await runBytes("zstd", ["-q1c"], { input: bytes });
    parts.push(Buffer.from(frame));
    numbers.push(frame.length, bytes.length);
  }
  writeFileSync(path, Buffer.concat([...parts, seekTable(numbers)]));
}

/** RFC 8878 §3.1.1: one segment, a content size of 4 bytes, no checksum, raw blocks. */
function rawFrame(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; offset += blockLength) {
    const block = bytes.subarray(offset, offset + blockLength);
    const last = offset + blockLength >= bytes.length ? 1 : 0;
    blocks.push(uint((block.length << 3) | last, 3), block);
  }
  return Buffer.concat([Buffer.from("28b52ffda0", "hex"), uint(bytes.length, 4), ...blocks]);
}

/**
 * The table of frames whose packed and raw lengths are `numbers`, in turn: a skippable frame with them, their number, no
 * flags, and a magic number.
 */
export function seekTable(numbers: readonly number[]): Buffer {
  const entries = Buffer.concat(numbers.map((number) => uint(number, 4)));
  const end = Buffer.concat([uint(numbers.length / 2, 4), uint(0, 1), uint(0x8f92_eab1, 4)]);
  return Buffer.concat([uint(0x184d_2a5e, 4), uint(entries.length + end.length, 4), entries, end]);
}

function uint(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntLE(value, 0, length);
  return bytes;
}

function readAt(path: string, offset: number, length: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  } finally {
    closeSync(file);
  }
}
