import { partitionTypeId, partitionTypeNames, type LayoutError } from "@bootstamp/layout";
import { expect, test } from "vitest";

const linux = "0fc63daf-8483-4772-8e79-3d69d8477de4";

test.each([
  ["gpt", "esp", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"],
  ["gpt", "ESP", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"],
  ["gpt", "U", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"],
  ["gpt", "root-x86-64", "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"],
  ["gpt", "bios-boot", "21686148-6449-6e6f-744e-656564454649"],
  ["gpt", "L", linux],
  ["gpt", "linux", linux],
  ["gpt", linux.toUpperCase(), linux],
  ["gpt", "F", "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"],
  ["mbr", "esp", "0xef"],
  ["mbr", "xbootldr", "0xea"],
  ["mbr", "L", "0x83"],
  ["mbr", "F", "0x0c"],
  ["mbr", "E", "0x05"],
  ["mbr", "0xC", "0x0c"],
  ["mbr", "fat32-lba", "0x0c"],
] as const)("a table of kind %s has for %s the type %s", (kind, text, id) => {
  expect(partitionTypeId(kind, text)).toBe(id);
});

test.each([
  ["gpt", "root"],
  ["gpt", "l"],
  ["gpt", "0x0c"],
  ["gpt", "constructor"],
  ["gpt", "00000000-0000-0000-0000-000000000000"],
  ["mbr", "root-x86-64"],
  ["mbr", "H"],
  ["mbr", "0x00"],
  ["mbr", "0x100"],
  ["mbr", linux],
  ["mbr", "toString"],
] as const)("a table of kind %s has no type %s", (kind, text) => {
  const expected: Partial<LayoutError> = { code: "LAYOUT_TYPE_UNKNOWN", fields: { type: text, kind } };
  expect(() => partitionTypeId(kind, text)).toThrow(expect.objectContaining(expected));
});

test("every name has an id of its own", () => {
  for (const kind of ["gpt", "mbr"] as const) {
    const names = partitionTypeNames(kind);
    expect(new Set(names.map((name) => partitionTypeId(kind, name))).size).toBe(names.length);
  }
});
