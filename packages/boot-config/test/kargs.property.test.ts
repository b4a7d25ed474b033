import { applyKargs, type KargsEdit, type KargsKind, kargsKinds } from "@bootstamp/boot-config";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fixture, unlessRefused } from "./fixture.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,6}$/);
const value = fc.stringMatching(/^[A-Za-z0-9,:;&|<>{}=/.#*?-]{0,8}$/);
const argument = fc
  .tuple(name, fc.option(value), fc.boolean())
  .map(([key, word, spaced]) =>
    word === null ? key : spaced ? `${key}="${word} ${word}"` : `${key}=${word}`,
  );
const freshArgument = argument.map((text) => `~zz-${text}`);
const gap = fc.constantFrom(" ", "  ", "\t", " \t ");

/** A kernel command line with arbitrary spacing between its arguments. */
const commandLine = fc
  .tuple(fc.constantFrom("", " ", "\t"), fc.array(fc.tuple(argument, gap), { maxLength: 6 }))
  .map(([lead, words]) => lead + words.map(([word, space]) => word + space).join(""));
const ending = fc.constantFrom("\n", "\r\n");

/** A file of each kind around a command line that its loader splits as the kernel does. */
const quoteForGrub = (line: string): string => line.replaceAll(/([;&|<>{}#*?])/g, "\\$1");
const files: Readonly<Record<KargsKind, (line: string, end: string) => string>> = {
  bls: (line, end) => `title x${end}options ${line}${end}linux /l${end}`,
  "bls-grub": (line, end) =>
    `title x${end}options ${line.replaceAll(/[;&|<>{}#]/g, "_")}${end}linux /l${end}`,
  grub: (line, end) => `menuentry 'x' {${end}\tlinux /l ${quoteForGrub(line).trimEnd()}${end}}${end}`,
  extlinux: (line, end) => `label a${end}\tlinux /l${end}\tAppend ${line}${end}`,
  cmdline: (line, end) => line + end,
};
const file = fc
  .tuple(fc.constantFrom(...kargsKinds), commandLine, ending)
  // A value between two quotes is refused for systemd-boot, which is tested by itself.
  .filter(([kind, line]) => kind !== "bls" || !line.includes('"'))
  // A keyword line without arguments goes when the last one goes; see the test of emptied lines.
  .filter(([kind, line]) => kind === "cmdline" || kind === "grub" || line.trim() !== "")
  .map(([kind, line, end]) => ({ kind, text: files[kind](line, end) }));
const unquoted = freshArgument.filter((text) => !text.includes('"'));

test("append, then delete, gives the text back", () => {
  fc.assert(
    fc.property(file, fc.uniqueArray(unquoted, { minLength: 1, maxLength: 3 }), ({ kind, text }, added) => {
      const longer = applyKargs(kind, text, { append: added }).text;
      expect(longer).not.toBe(text);
      expect(applyKargs(kind, longer, { delete: added }).text).toBe(text);
    }),
  );
});

test("append changes nothing but the place where it writes", () => {
  fc.assert(
    fc.property(file, unquoted, ({ kind, text }, added) => {
      const { text: longer } = applyKargs(kind, text, { append: [added] });
      const at = longer.indexOf("~zz-");
      const grown = longer.length - text.length;
      const cut = [at, at - 1].map((start) => longer.slice(0, start) + longer.slice(start + grown));
      expect(cut).toContain(text);
    }),
  );
});

test("append-if-missing twice is append-if-missing once", () => {
  fc.assert(
    fc.property(file, fc.array(freshArgument, { minLength: 1, maxLength: 3 }), ({ kind, text }, added) => {
      const once = applyKargs(kind, text, { appendIfMissing: added }).text;
      const twice = applyKargs(kind, once, { appendIfMissing: added });
      expect(twice).toMatchObject({ text: once, changedLines: 0 });
    }),
  );
});

test("replacing there and back gives the text back", () => {
  fc.assert(
    fc.property(
      file,
      unquoted.filter((text) => /^[^=]+=[^=]+$/.test(text)),
      ({ kind, text }, added) => {
        const base = applyKargs(kind, text, { append: [added] }).text;
        const changed = applyKargs(kind, base, { replace: [`${added}=other`] }).text;
        expect(changed).not.toBe(base);
        const [key, old = ""] = added.split("=");
        expect(applyKargs(kind, changed, { replace: [`${key}=other=${old}`] }).text).toBe(base);
      },
    ),
  );
});

test("an emptied line goes, so that GRUB does not stop reading there", () => {
  const text = "title x\noptions\nlinux /l\n";
  const longer = applyKargs("bls", text, { append: ["a"] }).text;
  expect(longer).toBe("title x\noptions a\nlinux /l\n");
  expect(applyKargs("bls", longer, { delete: ["a"] }).text).toBe("title x\nlinux /l\n");
});

const piece = fc.constantFrom(
  ..."\n\r\t \\'\"$#{};&|=-a".split(""),
  ..."linux /v,options ,append ,label ,linux16 ,$x,${y},--,menuentry ,text help,\uFEFF,é,\uDC80".split(","),
);
const soup = fc.oneof(
  fc.array(piece, { maxLength: 60 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary" }),
);
const edit: fc.Arbitrary<KargsEdit> = fc.record(
  {
    append: fc.array(fc.oneof(argument, fc.string()), { maxLength: 2 }),
    appendIfMissing: fc.array(argument, { maxLength: 2 }),
    deleteIfPresent: fc.array(fc.constantFrom("a", "--", "a=a", "=a"), { maxLength: 2 }),
    replace: fc.array(fc.oneof(argument, fc.string()), { maxLength: 1 }),
  },
  { requiredKeys: [] },
);

test("arbitrary text gives a result or our own error", () => {
  fc.assert(
    fc.property(fc.constantFrom(...kargsKinds), soup, edit, (kind, text, change) => {
      const result = unlessRefused(() => applyKargs(kind, text, change));
      expect(typeof (result?.text ?? "")).toBe("string");
    }),
    { numRuns: 2000 },
  );
});

test("an edit that finds nothing to do leaves arbitrary text as it is", () => {
  fc.assert(
    fc.property(fc.constantFrom(...kargsKinds), soup, (kind, text) => {
      const result = unlessRefused(() => applyKargs(kind, text, { deleteIfPresent: ["not-there"] }));
      expect(result?.text ?? text).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

test("the cost is linear: many words, many lines", () => {
  const words = "a ".repeat(20_000);
  expect(applyKargs("cmdline", words, { delete: ["a"], append: ["b"] }).text.trim()).toBe("b");
  const lines = `linux /l\n${"options a\n".repeat(20_000)}`;
  expect(applyKargs("bls", lines, { delete: ["a"] }).text).toBe("linux /l\n");
  const entries = "linux /v a\n".repeat(20_000);
  expect(applyKargs("grub", entries, { append: ["b"] }).changedLines).toBe(20_000);
});

test("the fixtures: append and delete give every file back", () => {
  const kinds = [
    ["bls", "sdboot-debian.conf"],
    ["bls-grub", "fedora-coreos-ostree.conf"],
    ["bls-grub", "fedora-30.conf"],
    ["grub", "debian-grub.cfg"],
    ["extlinux", "u-boot-menu-extlinux.conf"],
    ["extlinux", "syslinux.cfg"],
    ["cmdline", "raspios-cmdline.txt"],
  ] as const;
  fc.assert(
    fc.property(fc.constantFrom(...kinds), unquoted, ([kind, from], added) => {
      const text = fixture(from);
      const longer = applyKargs(kind, text, { append: [added] }).text;
      expect(applyKargs(kind, longer, { delete: [added] }).text).toBe(text);
    }),
  );
});
