import { applyKargs, type KargsEdit } from "@bootstamp/boot-config";
import { describe, expect, test } from "vitest";
import { changedLines, errorOf, fixture } from "./fixture.ts";

const edited = (text: string, edit: KargsEdit): string => applyKargs("extlinux", text, edit).text;

test("edits every label of what u-boot-menu makes", () => {
  const text = fixture("u-boot-menu-extlinux.conf");
  const result = applyKargs("extlinux", text, { append: ["a=b"], delete: ["quiet"] });
  expect(changedLines(text, result.text)).toEqual([
    "20: \tappend root=UUID=6d3376e4-fc93-4509-95ec-a21d68011da2 a=b",
    "27: \tappend root=UUID=6d3376e4-fc93-4509-95ec-a21d68011da2 single a=b",
  ]);
  expect(result).toMatchObject({ changedLines: 2, kernelLines: 2, unmatchedLines: 1 });
});

test("edits the global APPEND and those of labels, and leaves what is not Linux", () => {
  const text = fixture("syslinux.cfg");
  const result = applyKargs("extlinux", text, { append: ["a=b"] });
  expect(changedLines(text, result.text)).toEqual([
    "5: APPEND console=tty0 a=b",
    "15:   APPEND root=UUID=6d3376e4-fc93-4509-95ec-a21d68011da2 modules=ext4 a=b",
    "22:   append a=b",
  ]);
  expect(result.left.map(({ lineNumber }) => lineNumber)).toEqual([24, 28, 31]);
  expect(applyKargs("extlinux", result.text, { delete: ["a=b"] }).text).toBe(text);
});

describe("a label without APPEND", () => {
  test("gets one below its kernel, written as the kernel is", () => {
    expect(edited("LABEL a\n  LINUX /v\n  INITRD /i\n", { append: ["x"] })).toBe(
      "LABEL a\n  LINUX /v\n  APPEND x\n  INITRD /i\n",
    );
    expect(edited("label a\r\n\tkernel /v", { append: ["x"] })).toBe("label a\r\n\tkernel /v\r\n\tappend x");
  });

  test("needs none where there is a global one", () => {
    expect(edited("append q\nlabel a\nlinux /v\n", { append: ["x"] })).toBe(
      "append q x\nlabel a\nlinux /v\n",
    );
  });
});

test("a label that loses its last argument does not fall back to the global ones", () => {
  const text = "append q\nlabel a\nlinux /v\nappend x\n";
  expect(edited(text, { delete: ["x"] })).toBe("append q\nlabel a\nlinux /v\nappend -\n");
  expect(edited("label a\nlinux /v\nappend x\n", { delete: ["x"] })).toBe("label a\nlinux /v\n");
});

test("the last APPEND of a label counts", () => {
  expect(edited("label a\nlinux /v\nappend x\nappend y\n", { append: ["z"] })).toBe(
    "label a\nlinux /v\nappend x\nappend y z\n",
  );
});

test("refuses a file without a kernel and an open quote", () => {
  expect(errorOf(() => applyKargs("extlinux", "include a.cfg\n", { append: ["x"] })).code).toBe(
    "KARGS_NO_LINE",
  );
  expect(errorOf(() => applyKargs("extlinux", 'append "a\n', { append: ["x"] })).code).toBe(
    "BOOT_TEXT_SYNTAX",
  );
});
