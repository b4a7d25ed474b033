import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  closeSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  derivePartitionIds,
  partitionTypeId,
  type GptDescription,
  type SectorLength,
} from "@bootstamp/layout";

export const mebibyte = 1 << 20;
/** 2023-11-14 22:13:20. */
export const clock = 1_700_000_000;

/** A new folder, which goes with the others when the tests have run. */
export function scratchFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `disk-image-${name}-`));
}

/** Fills a new folder: contents by path, "-> target" for a link, an empty folder where the path ends in a slash. */
export function writeTree(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const whole = join(folder, path);
    mkdirSync(path.endsWith("/") ? whole : dirname(whole), { recursive: true });
    if (path.endsWith("/")) continue;
    if (typeof content === "string" && content.startsWith("-> ")) symlinkSync(content.slice(3), whole);
    else writeFileSync(whole, content);
  }
  return folder;
}

/** Bytes that no two offsets share by a simple rule. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Bytes of a file. */
export function readRange(path: string, offset: number, length: number): Buffer {
  const file = openSync(path, "r");
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, offset);
  closeSync(file);
  return bytes;
}

const seed = "00112233-4455-6677-8899-aabbccddeeff";

/** A GPT with partitions of the given types and lengths in MiB, one after the other from 1 MiB on. */
export function gptOf(
  sectorLength: SectorLength,
  parts: readonly (readonly [type: string, mebibytes: number])[],
): GptDescription {
  const typeIds = parts.map(([type]) => partitionTypeId("gpt", type));
  const ids = derivePartitionIds(seed, typeIds);
  let end = mebibyte;
  const partitions = parts.map(([name, mebibytes], index) => {
    const offset = end;
    const length = mebibytes * mebibyte;
    end += length;
    const typeId = typeIds[index] ?? "";
    return { number: index + 1, offset, length, typeId, uniqueId: ids[index] ?? "", name, attributes: [] };
  });
  return { kind: "gpt", sectorLength, diskLength: end + mebibyte, diskId: seed, partitions };
}
