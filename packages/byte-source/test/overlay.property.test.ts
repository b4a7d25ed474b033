import { MemorySource, Overlay } from "@bootstamp/byte-source";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "node:zlib";

const imageLength = 3000;
const write = fc
  .tuple(fc.nat(imageLength), fc.uint8Array({ maxLength: 700 }))
  .map(([offset, bytes]) => ({ offset, bytes: bytes.subarray(0, imageLength - offset) }));
const base = fc.uint8Array({ minLength: imageLength, maxLength: imageLength });

test("an overlay reads as the image that its writes make, and its changes make that image of the base", () => {
  fc.assert(
    fc.property(
      base,
      fc.array(write, { maxLength: 8 }),
      fc.constantFrom(64, 512, 4096),
      (image, writes, block) => {
        const overlay = new Overlay(new MemorySource(image), block);
        const expected = image.slice();
        for (const { offset, bytes } of writes) {
          overlay.writeSync(offset, bytes);
          expected.set(bytes, offset);
        }
        const seen = new Uint8Array(imageLength);
        overlay.readSync(0, seen);
        expect(seen).toEqual(expected);

        const patched = image.slice();
        let end = -1;
        for (const run of overlay.changes()) {
          expect(run.offset % block).toBe(0);
          expect(run.offset).toBeGreaterThan(end);
          expect(run.replacedCrc32).toBe(crc32(image.subarray(run.offset, run.offset + run.bytes.length)));
          patched.set(run.bytes, run.offset);
          end = run.offset + run.bytes.length;
        }
        expect(patched).toEqual(expected);
      },
    ),
  );
});

test("bytes written as they were are no change", () => {
  const image = Uint8Array.from({ length: 9000 }, (_, index) => index % 251);
  const overlay = new Overlay(new MemorySource(image));
  overlay.writeSync(100, image.slice(100, 8000));
  expect(overlay.changes()).toEqual([]);
  overlay.writeSync(8999, Uint8Array.of(0xff));
  expect(overlay.changes(1 << 20)).toMatchObject([{ offset: (1 << 20) + 8192 }]);
  expect(overlay.changes()[0]?.bytes.length).toBe(9000 - 8192);
});
