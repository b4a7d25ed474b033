import { crc32 as crc32OfZlib } from "node:zlib";
import {
  bulkCrc64nvme,
  bulkCrc64xz,
  crc32,
  crc32c,
  crc64nvme,
  crc64xz,
  patchedCrc32,
  type Crc,
} from "@bootstamp/crc";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const bytes = fc.uint8Array({ maxLength: 300 });
const length = fc.maxSafeNat();
const concat = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

describe("CRC-32", () => {
  laws(crc32);
});
describe("CRC-32C", () => {
  laws(crc32c);
});
describe("CRC-64/XZ", () => {
  laws(crc64xz);
});
describe("CRC-64/NVME", () => {
  laws(crc64nvme);
});

function laws<V extends number | bigint>(crc: Crc<V>): void {
  test("continues over parts", () => {
    fc.assert(fc.property(bytes, bytes, (a, b) => crc.of(b, crc.of(a)) === crc.of(concat(a, b))));
  });

  test("combines two parts", () => {
    fc.assert(
      fc.property(
        bytes,
        bytes,
        (a, b) => crc.combine(crc.of(a), crc.of(b), b.length) === crc.of(concat(a, b)),
      ),
    );
  });

  test("gives back the suffix and the prefix of a whole", () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const whole = crc.of(concat(a, b));
        expect(crc.suffix(whole, crc.of(a), b.length)).toBe(crc.of(b));
        expect(crc.prefix(whole, crc.of(b), b.length)).toBe(crc.of(a));
      }),
    );
  });

  test("knows runs of zeros", () => {
    fc.assert(fc.property(fc.nat(5000), (count) => crc.zeros(count) === crc.of(new Uint8Array(count))));
  });

  test("follows a replaced run", () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.infiniteStream(fc.nat(255)), (a, old, tail, stream) => {
        const fresh = Uint8Array.from(old, () => stream.next().value ?? 0);
        const whole = crc.of(concat(a, old, tail));
        return crc.patch(whole, crc.of(old), crc.of(fresh), tail.length) === crc.of(concat(a, fresh, tail));
      }),
    );
  });

  test("is associative over lengths up to 2^53", () => {
    fc.assert(
      fc.property(bytes, length, length, (a, m, n) => {
        fc.pre(m + n <= Number.MAX_SAFE_INTEGER);
        const once = crc.combine(crc.of(a), crc.zeros(m + n), m + n);
        const twice = crc.combine(crc.combine(crc.of(a), crc.zeros(m), m), crc.zeros(n), n);
        expect(once).toBe(twice);
        expect(crc.prefix(once, crc.zeros(m + n), m + n)).toBe(crc.of(a));
      }),
    );
  });

  test("refuses what is no length", () => {
    for (const wrong of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => crc.zeros(wrong)).toThrow(RangeError);
  });
}

test("the bulk checksums agree with the tables", async () => {
  const [nvme, xz] = [await bulkCrc64nvme(), await bulkCrc64xz()];
  fc.assert(
    fc.property(bytes, (some) => {
      expect(nvme(some)).toBe(crc64nvme.of(some));
      expect(xz(some)).toBe(crc64xz.of(some));
    }),
  );
});

test("the CRC-32 of a patched whole follows from that before, as zlib has it", () => {
  const cuts = fc.array(fc.nat({ max: 299 }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 300, maxLength: 300 }),
      cuts,
      fc.nat(255),
      (before, places, mask) => {
        const bounds = [...new Set(places)].toSorted((a, b) => a - b);
        const runs = bounds.flatMap((from, index) =>
          index % 2 === 0 ? [[from, bounds[index + 1] ?? 300]] : [],
        );
        const after = before.slice();
        const patch = runs.map(([from = 0, to = 0]) => {
          const replacedCrc32 = crc32OfZlib(before.subarray(from, to));
          for (let at = from; at < to; at++) after[at] = (after[at] ?? 0) ^ mask;
          return { offset: from, bytes: after.subarray(from, to), replacedCrc32 };
        });
        expect(patchedCrc32(crc32OfZlib(before), before.length, patch)).toBe(crc32OfZlib(after));
      },
    ),
  );
});
