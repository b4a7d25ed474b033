import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { FileSource, type Overwrite, type Patch } from "@bootstamp/byte-source";
import fc from "fast-check";

/** Bytes without structure, the same for the same length and seed. */
export function noise(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  });
}

export function withOverwrites(bytes: Uint8Array, overwrites: readonly Overwrite[]): Uint8Array {
  const patched = new Uint8Array(bytes);
  for (const each of overwrites) patched.set(each.bytes, each.offset);
  return patched;
}

/** The overwrites as a patch of `bytes`. */
export function patchOf(bytes: Uint8Array, overwrites: readonly Overwrite[]): Patch {
  return overwrites.map(({ offset, bytes: now }) => ({
    offset,
    bytes: now,
    replacedCrc32: crc32(bytes.subarray(offset, offset + now.length)),
  }));
}

/** Some overwrites in order and apart, with the first and the last byte of the file more often than by chance. */
export function overwritesOf(length: number): fc.Arbitrary<Overwrite[]> {
  const offset = fc.oneof(fc.nat(length - 1), fc.constantFrom(0, length - 1));
  const wanted = fc.tuple(offset, fc.uint8Array({ minLength: 1, maxLength: 3000 }));
  return fc.array(wanted, { maxLength: 8 }).map((pairs) => {
    let end = 0;
    return pairs
      .toSorted(([a], [b]) => a - b)
      .flatMap(([at, bytes]) => {
        if (at < end) return [];
        const cut = bytes.slice(0, length - at);
        end = at + cut.length;
        return [{ offset: at, bytes: cut }];
      });
  });
}

/** A new directory, which goes with the others when the tests have run. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "bootstamp-stamp-"));
}

export function openFile(bytes: Uint8Array, directory = temporaryDirectory()): FileSource {
  const path = join(directory, "file");
  writeFileSync(path, bytes);
  return FileSource.open(path);
}
