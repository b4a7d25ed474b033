import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSource, type Patch } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { stampRaw, streamRaw } from "@bootstamp/stamp";
import fc from "fast-check";
import { expect, test } from "vitest";

const length = 3 * 1024 * 1024 + 777;
const folder = mkdtempSync(join(tmpdir(), "bootstamp-stamp-raw-"));
const bytes = Buffer.alloc(length).map((_, index) => (index * 2_654_435_761) >>> 11);
const path = join(folder, "base");
writeFileSync(path, bytes);

function patchAt(offset: number, content: Uint8Array): Patch[number] {
  const replacedCrc32 = crc32.of(bytes.subarray(offset, offset + content.length));
  return { offset, bytes: content, replacedCrc32 };
}

test("a file and a stream are the base with the patch in it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(length - 1),
      fc.uint8Array({ minLength: 1, maxLength: 9000 }),
      async (at, content) => {
        const patch = [patchAt(at, content.subarray(0, length - at))];
        const expected = Buffer.from(bytes);
        for (const run of patch) expected.set(run.bytes, run.offset);
        const base = FileSource.open(path);
        const output = join(folder, "out");
        await stampRaw({ base, patch, output });
        expect(readFileSync(output).equals(expected)).toBe(true);
        const parts: Uint8Array[] = [];
        for await (const part of streamRaw({ base, patch })) parts.push(part);
        expect(Buffer.concat(parts).equals(expected)).toBe(true);
        base.close();
      },
    ),
    { numRuns: 20 },
  );
});

test("a patch for another base, or one that lies outside, changes nothing", async () => {
  const base = FileSource.open(path);
  const output = join(folder, "none");
  const foreign = [{ ...patchAt(5000, new Uint8Array(10)), replacedCrc32: 1 }];
  await expect(stampRaw({ base, patch: foreign, output })).rejects.toMatchObject({
    code: "MAP_PATCH_OTHER_BASE",
  });
  await expect(streamRaw({ base, patch: foreign }).next()).rejects.toMatchObject({
    code: "MAP_PATCH_OTHER_BASE",
  });
  const outside = [patchAt(length, new Uint8Array(1))];
  await expect(stampRaw({ base, patch: outside, output })).rejects.toThrow(
    /cannot overwrite 1 bytes at offset/,
  );
  expect(existsSync(output)).toBe(false);
  expect(readdirSync(folder).toSorted()).toEqual(["base", "out"]);
});
