import { readFileSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import type { Patch } from "@bootstamp/byte-source";
import type { EditReport } from "@bootstamp/bootfs";
import { writeWholeFile } from "@bootstamp/whole-file";

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
      await writeWholeFile(pathOf(key), async (temporaryPath) => {
        writeFileSync(temporaryPath, encode(kept), { mode: 0o600 });
      });
    },
  };
}

// Node's own serialization behind its CRC-32: read only by the program that wrote it, from its own private directory,
// but a patch with a flipped bit would be stamped into an artifact that looks right.
const headLength = 4;

function encode(kept: KeptPatch): Buffer {
  const body = serialize(kept);
  const head = Buffer.alloc(headLength);
  head.writeUInt32LE(crc32(body));
  return Buffer.concat([head, body]);
}

function decode(bytes: Buffer): KeptPatch | undefined {
  const body = bytes.subarray(headLength);
  if (bytes.length < headLength || crc32(body) !== bytes.readUInt32LE(0)) return undefined;
  const kept: KeptPatch = deserialize(body);
  return kept;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
