// A kept patch is read by the program that wrote it alone, from its own private directory:
//
//   0       4  CRC-32 of all that follows: a flipped bit would be stamped into an artifact that looks right
//   4       4  length of the head
//   8          head: JSON of the reports, and of the runs without their bytes
//   ...        bytes of the runs, one after the other
import { closeSync, openSync, readFileSync, writevSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { Patch, PatchRun } from "@bootstamp/byte-source";
import type { EditReport } from "@bootstamp/bootfs";
import { writeUnsyncedFile } from "@bootstamp/whole-file";

/** A variant's patch, with what the edits reported. */
export interface KeptPatch {
  readonly patch: Patch;
  readonly reports: readonly EditReport[];
}

/** Where patches wait between two steps of a build, so that their number does not matter to memory. */
export interface PatchStore {
  /** Undefined if it is not kept, or damaged. */
  find(key: string): KeptPatch | undefined;
  keep(key: string, kept: KeptPatch): Promise<void>;
}

/** Keeps nothing: for those who want to know what patches cover and not what they hold. */
export const noStore: PatchStore = { find: () => undefined, keep: async () => undefined };

/** A store of one file a patch, at the path that `pathOf` gives for its key. */
export function fileStore(pathOf: (key: string) => string): PatchStore {
  return {
    find: (key) => {
      const bytes = readIfThere(pathOf(key));
      return bytes === undefined ? undefined : decode(bytes);
    },
    keep: async (key, kept) => {
      // Its checksum tells whether it is whole, and it can be made again: a thousand of them need not wait for the disk.
      await writeUnsyncedFile(pathOf(key), async (temporaryPath) => writeParts(temporaryPath, encode(kept)));
    },
  };
}

interface Head {
  readonly runs: readonly (Omit<PatchRun, "bytes"> & { readonly length: number })[];
  readonly reports: readonly EditReport[];
}

const fixedLength = 8;

/** Parts that come to the file, one after the other. */
function encode({ patch, reports }: KeptPatch): Uint8Array[] {
  const runs = patch.map(({ bytes, ...run }) => ({ ...run, length: bytes.length }));
  const head = Buffer.from(JSON.stringify({ runs, reports } satisfies Head));
  const fixed = Buffer.alloc(fixedLength);
  fixed.writeUInt32LE(head.length, 4);
  const parts = [head, ...patch.map(({ bytes }) => bytes)];
  fixed.writeUInt32LE(parts.reduce((crc, part) => crc32(part, crc), crc32(fixed.subarray(4))));
  return [fixed, ...parts];
}

/** The runs' bytes are views of `file`. */
function decode(file: Buffer): KeptPatch | undefined {
  if (file.length < fixedLength || crc32(file.subarray(4)) !== file.readUInt32LE(0)) return undefined;
  let end = fixedLength + file.readUInt32LE(4);
  const { runs, reports }: Head = JSON.parse(file.toString("utf8", fixedLength, end));
  const patch = runs.map(({ offset, length, replacedCrc32 }): PatchRun => {
    const bytes = file.subarray(end, end + length);
    end += length;
    return { offset, bytes, replacedCrc32 };
  });
  return { patch, reports };
}

function writeParts(path: string, parts: readonly Uint8Array[]): void {
  const descriptor = openSync(path, "wx", 0o600);
  try {
    let left = parts.filter(({ length }) => length > 0);
    while (left.length > 0) left = without(left, writevSync(descriptor, left.slice(0, mostParts)));
  } finally {
    closeSync(descriptor);
  }
}

/** What the system takes at once. */
const mostParts = 1024;

/** `parts` less the first `count` bytes. */
function without(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let index = 0;
  let within = count;
  for (; within >= (parts[index]?.length ?? Infinity); index++) within -= parts[index]?.length ?? 0;
  const [first, ...rest] = parts.slice(index);
  return first === undefined ? [] : [first.subarray(within), ...rest];
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
