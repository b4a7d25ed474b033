import { MemorySource } from "@bootstamp/byte-source";
import { crc32, crc64nvme } from "@bootstamp/crc";
import { overwrittenCrc32, overwrittenCrc64nvme } from "@bootstamp/stamp";
import fc from "fast-check";
import { expect, test } from "vitest";
import { noise, overwritesOf, withOverwrites } from "./patched-bytes.ts";

const base = noise(20_000);
const source = new MemorySource(base);

test("the CRCs by algebra are those of the patched bytes", async () => {
  const [long, short] = [crc64nvme.of(base), crc32.of(base)];
  await fc.assert(
    fc.asyncProperty(overwritesOf(base.length), async (overwrites) => {
      const whole = withOverwrites(base, overwrites);
      expect(await overwrittenCrc64nvme(long, source, overwrites)).toBe(crc64nvme.of(whole));
      expect(await overwrittenCrc32(short, source, overwrites)).toBe(crc32.of(whole));
    }),
  );
});

test("an overwrite longer than what is read at once counts whole", async () => {
  const large = noise(3_000_000);
  const overwrites = [{ offset: 5, bytes: noise(2_500_000, 2) }];
  const crc = await overwrittenCrc64nvme(crc64nvme.of(large), new MemorySource(large), overwrites);
  expect(crc).toBe(crc64nvme.of(withOverwrites(large, overwrites)));
});

test("the algebra holds in a file of terabytes", async () => {
  const length = 2 ** 42 + 5;
  const zeros = { length, read: async (_: number, count: number) => new Uint8Array(count) };
  const offset = 2 ** 33 + 1;
  const bytes = noise(5000, 3);
  const head = crc64nvme.combine(crc64nvme.zeros(offset), crc64nvme.of(bytes), bytes.length);
  const tailLength = length - offset - bytes.length;
  const expected = crc64nvme.combine(head, crc64nvme.zeros(tailLength), tailLength);
  expect(await overwrittenCrc64nvme(crc64nvme.zeros(length), zeros, [{ offset, bytes }])).toBe(expected);
});
