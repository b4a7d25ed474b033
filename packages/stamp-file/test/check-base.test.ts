import { checkBase } from "@bootstamp/stamp-file";
import { expect, test } from "vitest";
import { sampleStamp } from "./some-stamps.ts";

const sample = await sampleStamp();
const { base } = sample;

test("the base of a stamp is known by all that is known of both", () => {
  expect(() => checkBase(sample, base)).not.toThrow();
  expect(() => checkBase(sample, { rawLength: base.rawLength })).not.toThrow();
  const unknown = { ...sample, base: { rawLength: base.rawLength, rawCrc32: base.rawCrc32 } };
  expect(() => checkBase(unknown, { ...base, rawSha256: "00".repeat(32) })).not.toThrow();
});

test.each([
  ["length", { ...base, rawLength: base.rawLength + 1 }, "length 1048576, this one has 1048577"],
  ["CRC-32", { ...base, rawCrc32: 0x0abc }, "this one has 00000abc"],
  ["SHA-256", { ...base, rawSha256: "00".repeat(32) }, "SHA-256"],
])("a base of another %s is refused", (_, other, message) => {
  expect(() => checkBase(sample, other)).toThrow(
    expect.objectContaining({ code: "STAMP_FILE_OTHER_BASE", message: expect.stringContaining(message) }),
  );
});
