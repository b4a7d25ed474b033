import { applyKargs, applyKargsToFiles, BootConfigError, type KargsEdit } from "@bootstamp/boot-config";
import { describe, expect, test } from "vitest";
import { errorOf } from "./fixture.ts";

const line = "root=/dev/sda1 console=tty0 console=ttyS0,115200  quiet";
const edited = (text: string, edit: KargsEdit): string => applyKargs("cmdline", text, edit).text;
const code = (text: string, edit: KargsEdit): string => errorOf(() => applyKargs("cmdline", text, edit)).code;

describe("append", () => {
  test("adds at the end, again where it is there already", () => {
    expect(edited(line, { append: ["quiet", "a=b"] })).toBe(`${line} quiet a=b`);
  });

  test("adds before a bare --, since init gets what follows", () => {
    expect(edited("quiet -- single", { append: ["a"] })).toBe("quiet a -- single");
    expect(edited("-- single", { append: ["a"] })).toBe("a -- single");
    expect(edited("quiet --- single", { append: ["a"] })).toBe("quiet --- single a");
  });

  test("appendIfMissing compares key and value as the kernel sees them", () => {
    expect(edited(line, { appendIfMissing: ["quiet", "console=tty0"] })).toBe(line);
    expect(edited(line, { appendIfMissing: ["console=tty1"] })).toBe(`${line} console=tty1`);
    expect(edited('"x=a b"', { appendIfMissing: ['x="a b"'] })).toBe('"x=a b"');
    expect(edited("", { appendIfMissing: ["a", "a"] })).toBe("a");
  });
});

describe("delete", () => {
  test("takes away every equal argument and the space before it", () => {
    expect(edited("a=1  b a=1 c", { delete: ["a=1"] })).toBe("b c");
    expect(edited(line, { delete: ["console=tty0", "quiet"] })).toBe("root=/dev/sda1 console=ttyS0,115200");
  });

  test("takes a whole argument, never a part of one", () => {
    expect(code("foobar foo=1x", { delete: ["foo=1"] })).toBe("KARGS_MISSING");
    expect(code('a="b quiet c"', { delete: ["quiet"] })).toBe("KARGS_MISSING");
  });

  test("KEY alone takes KEY=value where the key has one value", () => {
    expect(edited(line, { delete: ["root"] })).toBe("console=tty0 console=ttyS0,115200  quiet");
    expect(edited("debug debug=1 debug=2", { delete: ["debug"] })).toBe("debug=1 debug=2");
    expect(code(line, { delete: ["console"] })).toBe("KARGS_AMBIGUOUS");
  });

  test("leaves init's arguments alone", () => {
    expect(code("a -- quiet", { delete: ["quiet"] })).toBe("KARGS_MISSING");
  });

  test("deleteIfPresent does not mind", () => {
    expect(edited(line, { deleteIfPresent: ["splash", "quiet"] })).toBe(
      "root=/dev/sda1 console=tty0 console=ttyS0,115200",
    );
  });
});

describe("replace", () => {
  test("KEY=NEW where the key has one value", () => {
    expect(edited(line, { replace: ["root=LABEL"] })).toBe(line.replace("/dev/sda1", "LABEL"));
    expect(code(line, { replace: ["console=ttyS1"] })).toBe("KARGS_AMBIGUOUS");
    expect(code(line, { replace: ["absent=1"] })).toBe("KARGS_MISSING");
  });

  test("KEY=OLD=NEW where it stands", () => {
    expect(edited(line, { replace: ["console=tty0=tty1"] })).toBe(line.replace("tty0", "tty1"));
    expect(code(line, { replace: ["console=tty7=tty1"] })).toBe("KARGS_MISSING");
    expect(code("a=1 a=1", { replace: ["a=1=2"] })).toBe("KARGS_AMBIGUOUS");
  });

  test("values with an = in them", () => {
    const uuid = "root=UUID=12 ro";
    expect(edited(uuid, { replace: ["root=UUID=12=UUID=34"] })).toBe("root=UUID=34 ro");
    expect(edited(uuid, { replace: [{ key: "root", new: "UUID=34" }] })).toBe("root=UUID=34 ro");
    expect(edited(uuid, { replace: [{ key: "root", old: "UUID=12", new: "LABEL=x" }] })).toBe(
      "root=LABEL=x ro",
    );
    expect(errorOf(() => applyKargs("cmdline", uuid, { replace: ["root=UUID=34"] })).message).toContain(
      "{ key, new }",
    );
  });

  test("quotes keep their = together", () => {
    expect(edited("x=1", { replace: ['x="a=b c"'] })).toBe('x="a=b c"');
    expect(edited('x="a=b c"', { replace: ['x="a=b c"=2'] })).toBe("x=2");
  });
});

test("the lists apply in the order delete, replace, append, whatever the order of the keys", () => {
  const edit = { append: ["a=3"], replace: ["a=1=2"], delete: ["a=2"] };
  expect(edited("a=2 a=1", edit)).toBe("a=2 a=3");
});

test("nothing else moves: spacing, tabs, empty places", () => {
  expect(edited("  a\t b   c ", { append: ["d"], delete: ["b"] })).toBe("  a   c d ");
  expect(edited("  a  b", { delete: ["a"] })).toBe("  b");
  expect(edited("", { append: ["a", "b"] })).toBe("a b");
  expect(edited("\r\n", { append: ["a"] })).toBe("a\r\n");
});

test.each([
  ["", "empty"],
  ["a b", "unquoted space"],
  [" a", "unquoted space"],
  ["a\n", "control character 0x0a"],
  ["a\0", "control character 0x00"],
  ['a="b', "not balanced"],
  ["--", "init"],
  ['""', "key is empty"],
  ["x".repeat(4097), "4097 characters"],
])("refuses the argument %j: %s", (argument, reason) => {
  const error = errorOf(() => applyKargs("cmdline", "", { append: [argument] }));
  expect(error.code).toBe("KARGS_INVALID");
  expect(error.message).toContain(reason);
});

test("refuses an edit with nothing in it, and replacements that name no value", () => {
  expect(code(line, {})).toBe("KARGS_INVALID");
  expect(code(line, { replace: ["quiet"] })).toBe("KARGS_INVALID");
  expect(code(line, { replace: [{ key: "a=b", new: "c" }] })).toBe("KARGS_INVALID");
});

test("refuses a file that is no text or has an open quote", () => {
  expect(code("a\0b", { append: ["x"] })).toBe("BOOT_TEXT_BINARY");
  expect(code('a="b', { append: ["x"] })).toBe("BOOT_TEXT_SYNTAX");
});

describe("several files", () => {
  const files = [
    { path: "/a", kind: "cmdline", text: "one two" },
    { path: "/b", kind: "cmdline", text: "two three" },
  ] as const;

  test("an argument has to be in one of them", () => {
    const results = applyKargsToFiles(files, { delete: ["one"], append: ["x"] });
    expect(results.map(({ path, text, unmatchedLines }) => [path, text, unmatchedLines])).toEqual([
      ["/a", "two x", 0],
      ["/b", "two three x", 1],
    ]);
    expect(errorOf(() => applyKargsToFiles(files, { delete: ["four"] })).code).toBe("KARGS_MISSING");
  });

  test("an error says which file it was", () => {
    const broken = [...files, { path: "/c", kind: "bls", text: "title x\n" } as const];
    const error = errorOf(() => applyKargsToFiles(broken, { append: ["x"] }));
    expect(error.code).toBe("KARGS_NO_LINE");
    expect(error.message).toMatch(/^\/c: /);
    expect(() => applyKargsToFiles(broken, { append: ["x"] })).toThrow(BootConfigError);
  });
});
