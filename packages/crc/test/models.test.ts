import { crc32, crc32c, crc64nvme, crc64xz, type Crc } from "@bootstamp/crc";
import { expect, test } from "vitest";

const digits = new TextEncoder().encode("123456789");

test.each([
  { crc: crc32, check: 0xcbf4_3926 },
  { crc: crc32c, check: 0xe306_9283 },
  { crc: crc64xz, check: 0x995d_c9bb_df19_39fan },
  { crc: crc64nvme, check: 0xae8b_1486_0a79_9888n },
])("$crc.name has the catalogue's check value", ({ crc, check }) => {
  expect(crc.of(digits)).toBe(check);
  expect(crc.of(new Uint8Array())).toBe(crc.empty);
});

// x^(2^32) is not x modulo these two, so a table that wraps after 32 (or 64) entries gives another value.
// Expected values by an independent way: 2^k zero bytes as 2^(k-1) zero bytes combined with themselves.
test("no model wraps for long runs", () => {
  expect([...undoubled(crc32), ...undoubled(crc32c)]).toEqual([]);
  expect([...undoubled(crc64xz), ...undoubled(crc64nvme)]).toEqual([]);
});

/** The powers of two at which a run of zeros is not two runs of half the length. */
function* undoubled<V extends number | bigint>(crc: Crc<V>): Generator<string> {
  let doubled = crc.of(new Uint8Array(1));
  for (let exponent = 1; exponent <= 52; exponent++) {
    doubled = crc.combine(doubled, doubled, 2 ** (exponent - 1));
    if (crc.zeros(2 ** exponent) !== doubled) yield `${crc.name} at 2^${exponent}`;
  }
}
