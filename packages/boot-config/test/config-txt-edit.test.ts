import { applyConfigTxt, type ConfigTxtEdit } from "@bootstamp/boot-config";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changedLines, errorOf, fixture, unlessRefused } from "./fixture.ts";

const raspios = fixture("raspios-config.txt");
const edited = (text: string, edit: ConfigTxtEdit): string => applyConfigTxt(text, edit).text;
const set = (text: string, key: string, value: string, section?: string): string =>
  edited(text, { set: [section === undefined ? { key, value } : { key, value, section }] });

describe("on the file of Raspberry Pi OS", () => {
  test("uncomments a line where it stands", () => {
    expect(changedLines(raspios, set(raspios, "dtparam", "i2c_arm=on"))).toEqual(["6: dtparam=i2c_arm=on"]);
  });

  test("changes the value of a key that counts once", () => {
    expect(changedLines(raspios, set(raspios, "arm_boost", "0"))).toEqual(["30: arm_boost=0"]);
    expect(changedLines(raspios, set(raspios, "otg_mode", "0", "cm4"))).toEqual(["36: otg_mode=0"]);
  });

  test("leaves what is there already", () => {
    const same = [
      { key: "dtparam", value: "audio=on" },
      { key: "arm_boost", value: "1" },
    ];
    expect(applyConfigTxt(raspios, { set: same })).toEqual({ text: raspios, changedLines: 0 });
  });

  test("adds to [all] at its end, to a model's section at its end", () => {
    expect(set(raspios, "enable_uart", "1")).toBe(`${raspios}enable_uart=1\n`);
    expect(set(raspios, "dtparam", "audio=off")).toBe(`${raspios}dtparam=audio=off\n`);
    expect(set(raspios, "dtoverlay", "x", "cm5")).toBe(
      raspios.replace("dr_mode=host\n", "dr_mode=host\ndtoverlay=x\n"),
    );
  });

  test("makes a section that is missing", () => {
    expect(set(raspios, "arm_freq", "2000", "pi4")).toBe(`${raspios}[pi4]\narm_freq=2000\n`);
  });
});

describe("filters", () => {
  test("of one type replace each other, others add up", () => {
    expect(set("[pi3]\na=1\n[pi4]\na=2\n", "a", "3", "pi4")).toBe("[pi3]\na=1\n[pi4]\na=3\n");
    expect(set("[gpio4=1]\n[pi4]\na=2\n", "a", "3", "pi4")).toBe(
      "[gpio4=1]\n[pi4]\na=2\n[all]\n[pi4]\na=3\n",
    );
  });

  test("are taken back before something for all models", () => {
    expect(set("[pi4]\na=1\n", "b", "2")).toBe("[pi4]\na=1\n[all]\nb=2\n");
    expect(set("x=1\n\n[pi4]\na=1\n", "b", "2")).toBe("x=1\nb=2\n\n[pi4]\na=1\n");
  });

  test("without number cost no memory", () => {
    const text = Array.from({ length: 50_000 }, (_, index) => `[f${index}]\n`).join("");
    expect(set(text, "a", "1").slice(text.length)).toBe("[all]\na=1\n");
  });
});

test("empty files, missing and foreign line endings", () => {
  expect(set("", "a", "1")).toBe("a=1\n");
  expect(set("b=1", "a", "1")).toBe("b=1\na=1");
  expect(set("b=1\r\n", "a", "1")).toBe("b=1\r\na=1\r\n");
  expect(set("a=0 \r\n", "a", "1")).toBe("a=1\r\n");
});

test("the last line of a key counts", () => {
  expect(set("a=1\na=2\n", "a", "3")).toBe("a=1\na=3\n");
});

test("initramfs and include take a blank", () => {
  expect(set("", "initramfs", "initrd.img followkernel")).toBe("initramfs initrd.img followkernel\n");
  expect(set("include a.txt\n", "include", "a.txt")).toBe("include a.txt\n");
});

describe("remove", () => {
  test("takes all lines of a key, or those of a value, in one section", () => {
    const text = "a=1\n#a=1\n[pi4]\na=1\n[all]\na=2";
    expect(applyConfigTxt(text, { remove: [{ key: "a" }] })).toEqual({
      text: "#a=1\n[pi4]\na=1\n[all]",
      changedLines: 2,
    });
    expect(edited(text, { remove: [{ key: "a", value: "2" }] })).toBe("a=1\n#a=1\n[pi4]\na=1\n[all]");
    expect(edited(text, { remove: [{ key: "a", section: "pi4" }] })).toBe("a=1\n#a=1\n[pi4]\n[all]\na=2");
  });

  test("minds when there is nothing, unless told otherwise", () => {
    expect(errorOf(() => edited("a=1\n", { remove: [{ key: "b" }] })).code).toBe("CONFIG_TXT_MISSING");
    expect(edited("a=1\n", { removeIfPresent: [{ key: "b" }] })).toBe("a=1\n");
  });

  test("comes before set", () => {
    expect(
      edited("dtparam=a\n", { set: [{ key: "dtparam", value: "b" }], remove: [{ key: "dtparam" }] }),
    ).toBe("dtparam=b\n");
  });
});

test.each([
  ["a b", "1", "all"],
  ["", "1", "all"],
  ["a", "1\n2", "all"],
  ["a", " 1", "all"],
  ["a", "x".repeat(97), "all"],
  ["a", "1", "pi]4"],
  ["a", "1", ""],
])("refuses key %j value %j section %j", (key, value, section) => {
  expect(errorOf(() => set("", key, value, section)).code).toBe("CONFIG_TXT_INVALID");
});

test("refuses UTF-16", () => {
  expect(errorOf(() => set("a\0=\0", "a", "1")).code).toBe("BOOT_TEXT_BINARY");
});

const text = fc
  .array(
    fc.constantFrom(
      "a=1",
      "#a=1",
      "# a=2",
      "b=1",
      "[pi4]",
      "[all]",
      "[gpio4=1]",
      "",
      " ",
      "dtparam=x",
      "[",
      "=",
      "é",
    ),
  )
  .chain((lines) => fc.constantFrom("\n", "\r\n").map((end) => lines.join(end)));
const setting = fc.record({
  key: fc.constantFrom("a", "b", "c", "dtparam"),
  value: fc.constantFrom("1", "2", "x"),
  section: fc.constantFrom("all", "pi4", "none"),
});

const reverse = (part: string): string => part.split("").toReversed().join("");

/** How many leading characters are equal. */
function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

test("setting twice is setting once, and changes one line at most", () => {
  fc.assert(
    fc.property(text, setting, (before, each) => {
      const { text: after } = applyConfigTxt(before, { set: [each] });
      expect(applyConfigTxt(after, { set: [each] })).toEqual({ text: after, changedLines: 0 });
      const head = commonLength(before, after);
      const tail = commonLength(reverse(before.slice(head)), reverse(after.slice(head)));
      expect(before.slice(head, before.length - tail)).not.toContain("\n");
    }),
  );
});

test("set, then remove, gives the text back where no filter was added", () => {
  fc.assert(
    fc.property(text, (before) => {
      const each = { key: "zz", value: "1" };
      const added = applyConfigTxt(before, { set: [each] });
      fc.pre(added.changedLines === 1);
      expect(edited(added.text, { remove: [each] })).toBe(before);
    }),
  );
});

test("arbitrary text gives a result or our own error", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), setting, (before, each) => {
      const after = unlessRefused(() => edited(before, { set: [each] }));
      expect((after ?? before).length).toBeGreaterThanOrEqual(before.length - 100);
    }),
  );
});

test("initramfs counts once", () => {
  expect(set("initramfs a followkernel\n", "initramfs", "b 0x1")).toBe("initramfs b 0x1\n");
});
