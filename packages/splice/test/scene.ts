import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSource, MemorySource, type Patch } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { mixedBytes, pressInMemory } from "@bootstamp/format-contract";
import { gzip } from "@bootstamp/gzip";
import type { EncodeChoice, SegmentMap, StreamFormat } from "@bootstamp/segment-map";
import { xz } from "@bootstamp/xz";
import { zstd } from "@bootstamp/zstd";
import { type Decoder, decodersFor } from "@bootstamp/witnesses";

export interface Subject {
  readonly format: StreamFormat;
  /** One that is fast, and makes several segments of a small image. */
  readonly choice: EncodeChoice;
  readonly decoders: readonly Decoder[];
}

export const formats: readonly [Subject, Subject, Subject] = [
  { format: gzip, choice: { engine: "zlib", level: 1 }, decoders: decodersFor("gz") },
  { format: xz, choice: { level: 0, segmentLength: 1 << 20 }, decoders: decodersFor("xz") },
  { format: zstd, choice: { level: 1, segmentLength: 1 << 20 }, decoders: decodersFor("zst") },
];

export const image: Uint8Array = mixedBytes(2_500_000);
export const stored: readonly { readonly offset: number; readonly length: number }[] = [
  { offset: 4096, length: 8192 },
  { offset: 1_400_832, length: 40_960 },
];

export interface Scene {
  readonly format: StreamFormat;
  readonly folder: string;
  readonly output: string;
  readonly map: SegmentMap;
  readonly stampable: FileSource;
}

/** A new folder, which goes with the others when the tests have run. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), "bootstamp-splice-test-"));
}

/** A stampable file alone in a folder. */
export async function sceneOf({ format, choice }: Subject): Promise<Scene> {
  return await sceneWith(format, await pressInMemory(format, new MemorySource(image), stored, choice));
}

/** {@link sceneOf} for a file that is at hand. */
export async function sceneWith(format: StreamFormat, packed: Uint8Array): Promise<Scene> {
  const folder = makeFolder();
  const path = join(folder, `base${format.extension}`);
  writeFileSync(path, packed);
  return { format, folder, output: join(folder, `out${format.extension}`), ...(await opened(format, path)) };
}

export async function opened(
  format: StreamFormat,
  path: string,
): Promise<{ readonly stampable: FileSource; readonly map: SegmentMap }> {
  const stampable = FileSource.open(path);
  return { stampable, map: await format.readMap(stampable) };
}

export interface Change {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export function patched(before: Uint8Array, changes: readonly Change[]): Uint8Array {
  const after = before.slice();
  for (const { offset, bytes } of changes) after.set(bytes, offset);
  return after;
}

export function patchOf(before: Uint8Array, changes: readonly Change[]): Patch {
  return changes.map(({ offset, bytes }) => ({
    offset,
    bytes,
    replacedCrc32: crc32.of(before.subarray(offset, offset + bytes.length)),
  }));
}

export function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}
