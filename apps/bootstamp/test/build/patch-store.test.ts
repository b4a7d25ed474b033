import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fileStore } from "../../src/build/patch-store.ts";
import { workplace } from "../support/workplace.ts";

const run = fc.record({
  offset: fc.maxSafeNat(),
  bytes: fc.uint8Array({ maxLength: 5000 }),
  replacedCrc32: fc.nat(0xffff_ffff),
});

test("what is kept is found again, and nothing that was damaged or cut", async () => {
  const folder = workplace();
  const store = fileStore((key) => join(folder, key));
  await fc.assert(
    fc.asyncProperty(
      fc.array(run),
      fc.maxSafeNat(),
      fc.integer({ min: 1, max: 255 }),
      async (patch, at, flip) => {
        const reports = [{ edit: 0, verb: "write" as const, files: [], left: [] }];
        await store.keep("a", { patch, reports });
        const found = store.find("a");
        const plain = found?.patch.map((each) => ({ ...each, bytes: new Uint8Array(each.bytes) }));
        expect({ ...found, patch: plain }).toEqual({ patch, reports });
        const file = readFileSync(join(folder, "a"));
        writeFileSync(join(folder, "a"), file.subarray(0, at % file.length));
        expect(store.find("a")).toBeUndefined();
        file[at % file.length] = (file[at % file.length] ?? 0) ^ flip;
        writeFileSync(join(folder, "a"), file);
        expect(store.find("a")).toBeUndefined();
      },
    ),
  );
  expect(store.find("b")).toBeUndefined();
});

test("a patch of more runs than the system takes at once", async () => {
  const folder = workplace();
  const store = fileStore((key) => join(folder, key));
  const patch = Array.from({ length: 3000 }, (_, index) => ({
    offset: index * 8192,
    bytes: new Uint8Array([index]),
    replacedCrc32: index,
  }));
  await store.keep("a", { patch, reports: [] });
  expect(store.find("a")?.patch.map(({ bytes }) => bytes[0])).toEqual(patch.map(({ bytes }) => bytes[0]));
});
