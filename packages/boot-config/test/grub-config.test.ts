import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyKargs, type KargsEdit } from "@bootstamp/boot-config";
import { requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { changedLines, errorOf, fixture } from "./fixture.ts";

const debian = fixture("debian-grub.cfg");
const edited = (text: string, edit: KargsEdit): string => applyKargs("grub", text, edit).text;
const uuid = "6d3376e4-fc93-4509-95ec-a21d68011da2";
const dyndbg = 'dyndbg="file ec.c +p"';

test("edits every Linux line of Debian's grub.cfg, in submenus too, and nothing else", () => {
  const result = applyKargs("grub", debian, {
    append: ["ds=nocloud;s=/seed/", 'x="a b"'],
    delete: ["quiet"],
    replace: ["console=ttyS0,115200=ttyS1"],
  });
  expect(changedLines(debian, result.text)).toEqual([
    `89: \tlinux\t/boot/vmlinuz-6.1.0-28-amd64 root=UUID=${uuid} ro  console=tty0 console=ttyS1 ${dyndbg} ds="nocloud;s=/seed/" x="a b"`,
    `97: \t\tlinux\t/boot/vmlinuz-6.1.0-28-amd64 root=UUID=${uuid} ro  console=tty0 console=ttyS1 ${dyndbg} $vt_handoff ds="nocloud;s=/seed/" x="a b"`,
    `103: \t\tlinux\t/boot/vmlinuz-6.1.0-28-amd64 root=UUID=${uuid} ro single ds="nocloud;s=/seed/" x="a b"  `,
    '139: \t\trescue ds="nocloud;s=/seed/" x="a b" # linux /not/a/line quiet',
  ]);
  expect(result).toMatchObject({ changedLines: 4, kernelLines: 4, unmatchedLines: 2 });
  expect(result.left).toEqual([
    { lineNumber: 113, reason: "it starts a memory test, not Linux" },
    { lineNumber: 116, reason: "it starts a memory test, not Linux" },
  ]);
});

test("arguments are compared behind GRUB's own quotes", () => {
  expect(changedLines(debian, edited(debian, { delete: [dyndbg] }))).toHaveLength(2);
  expect(changedLines(debian, edited(debian, { delete: ['"dyndbg=file ec.c +p"'] }))).toHaveLength(2);
  expect(edited("linux /v 'a'=\"b\"\\ c x", { delete: ['a="b c"'] })).toBe("linux /v x");
});

test("a continued line keeps its shape", () => {
  const text = "linux /v \\\n\ta \\\n\tb\n";
  expect(edited(text, { append: ["c"] })).toBe("linux /v \\\n\ta \\\n\tb c\n");
  expect(edited(text, { delete: ["b"] })).toBe("linux /v \\\n\ta\n");
  expect(edited(text, { delete: ["a"] })).toBe("linux /v \\\n\tb\n");
  expect(edited("linux /v \\\r\n a\r\n", { append: ["c"] })).toBe("linux /v \\\r\n a c\r\n");
});

test.each([
  ["linux16 /v a", "linux16 /v a x"],
  ["linuxefi /v", "linuxefi /v x"],
  ["linux_hwe /v", "linux_hwe /v x"],
  ["linux$suffix /v", "linux$suffix /v x"],
  ["$linux /v", "$linux /v x"],
  ["'linux' /v", "'linux' /v x"],
  ["if true; then linux /v a; else linux /w; fi", "if true; then linux /v a x; else linux /w x; fi"],
  ["menuentry a { linux /v a; initrd /i }", "menuentry a { linux /v a x; initrd /i }"],
  ["linux /v a#b # c", "linux /v a#b x # c"],
  ["set a=linux; linux ($root)/v ${opts}", "set a=linux; linux ($root)/v ${opts} x"],
  ["# don't\nlinux /v\n", "# don't\nlinux /v x\n"],
  ["echo 'linux /v\nlinux /w'\nlinux /v", "echo 'linux /v\nlinux /w'\nlinux /v x"],
])("finds the command in %j", (text, expected) => {
  expect(edited(text, { append: ["x"] })).toBe(expected);
});

test.each([
  "linuxes /v",
  "echo linux /v",
  "#linux /v",
  "initrd /i",
  "linux",
  'set x="linux /v"',
  "multiboot2 /xen.gz",
])("finds none in %j", (text) => {
  expect(errorOf(() => applyKargs("grub", text, { append: ["x"] })).code).toBe("KARGS_NO_LINE");
});

describe("variables", () => {
  test("are kept and never taken for an argument", () => {
    expect(edited("linux /v $a", { appendIfMissing: ["$a"] })).toBe('linux /v $a "\\$a"');
    expect(errorOf(() => applyKargs("grub", "linux /v $quiet", { delete: ["quiet"] })).code).toBe(
      "KARGS_MISSING",
    );
  });

  test("in a value leave the key known", () => {
    expect(edited("linux /v root=$r ro", { replace: [{ key: "root", new: "UUID=1" }] })).toBe(
      "linux /v root=UUID=1 ro",
    );
    expect(errorOf(() => applyKargs("grub", "linux /v root=$r", { delete: ["root=$r"] })).code).toBe(
      "KARGS_MISSING",
    );
  });
});

test.each(["linux /v 'a", 'linux /v "a', "linux /v a\\"])("refuses %j", (text) => {
  expect(errorOf(() => applyKargs("grub", text, { append: ["x"] })).code).toBe("BOOT_TEXT_SYNTAX");
});

test.each(["a=it's", 'a=b"c"d', "a=\\z"])("GRUB cannot hand %j through", (argument) => {
  expect(errorOf(() => applyKargs("grub", "linux /v", { append: [argument] })).code).toBe("KARGS_UNSAYABLE");
});

/** Runs the words behind the kernel through GRUB itself and returns what it makes of them. */
async function grubArguments(config: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "boot-config-"));
  try {
    const show = 'function show {\nshift\nfor each in "$@"; do\necho "<$each>"\ndone\n}\n';
    await writeFile(join(folder, "grub.cfg"), `${show}${config.replaceAll(/^linux /gm, "show ")}\nexit\n`);
    const env = { TERM: "dumb" };
    const printed = await run("grub-emu", ["-r", "host", "-d", folder], { env, timeout: 120_000 });
    return [...printed.matchAll(/<(.*)>/g)].map(([, word]) => word ?? "");
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("GRUB reads from our line what we meant", requires("grub-emu"), async () => {
  const values = [
    "1",
    "ttyS0,115200n8",
    "http://x/?a=1&b=2;c",
    "a b",
    "{x}",
    "$HOME",
    "<a>|b",
    "\\x2d",
    "*?[a]",
    "#h",
    "",
  ];
  const append = values.map((value, index) =>
    value.includes(" ") ? `k${index}="${value}"` : `k${index}=${value}`,
  );
  const text = edited("linux /v 'a b' c\\ d \\\n e # f\nlinux /v g\n", {
    append: [...append, "#hash", "bare"],
  });
  const expected = [...values.map((value, index) => `k${index}=${value}`), "#hash", "bare"];
  expect(await grubArguments(text)).toEqual(["a b", "c d", "e", ...expected, "g", ...expected]);
});

test("an edited grub.cfg still parses", requires("grub-script-check"), async () => {
  const append = ["a=1&2", "b={}", 'c="x y"', "d=$e", "#f", "g=\\x2d", "h=<>"];
  const text = edited(debian, { append, delete: ["quiet", "rescue", dyndbg], replace: ["console=tty0=a;b"] });
  expect(text).not.toBe(debian);
  expect(await run("grub-script-check", [], { input: text })).toBe("");
});
