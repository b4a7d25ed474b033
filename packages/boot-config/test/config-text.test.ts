import { applyKargs, decodeConfigText, encodeConfigText } from "@bootstamp/boot-config";
import fc from "fast-check";
import { expect, test } from "vitest";

test("any bytes survive the way to text and back", () => {
  const mixed = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 4 }), fc.string({ unit: "binary" }).map(encodeConfigText)),
  );
  fc.assert(
    fc.property(mixed, (parts) => {
      const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
      expect(encodeConfigText(decodeConfigText(bytes))).toEqual(bytes);
    }),
  );
});

test.each([
  ["a Latin-1 comment", [0x23, 0xe4, 0x0a], "#\uDCE4\n"],
  ["an overlong slash", [0xc0, 0xaf], "\uDCC0\uDCAF"],
  ["an encoded surrogate", [0xed, 0xb3, 0xa4], "\uDCED\uDCB3\uDCA4"],
  ["a cut sequence", [0xe2, 0x82], "\uDCE2\uDC82"],
  ["a byte order mark", [0xef, 0xbb, 0xbf, 0x61], "\uFEFFa"],
  ["four bytes", [0xf0, 0x9f, 0x90, 0xa7, 0xff], "\u{1F427}\uDCFF"],
])("%s", (_, bytes, text) => {
  expect(decodeConfigText(Uint8Array.from(bytes))).toBe(text);
  expect(encodeConfigText(text)).toEqual(Uint8Array.from(bytes));
});

test("an edit keeps foreign bytes and writes UTF-8", () => {
  const before = Uint8Array.from([0x23, 0xe4, 0x0a, ...Buffer.from("linux /l\n")]);
  const after = encodeConfigText(applyKargs("bls", decodeConfigText(before), { append: ["a=ü"] }).text);
  expect(after).toEqual(Uint8Array.from([...before, ...Buffer.from("options a=ü\n")]));
});
