import { applyKargs } from "@bootstamp/boot-config";
import { describe, expect, test } from "vitest";
import { changedLines, errorOf, fixture } from "./fixture.ts";

test("systemd-boot joins the options lines: new ones go to the last", () => {
  const text = fixture("sdboot-debian.conf");
  const result = applyKargs("bls", text, { append: ["a=b"], delete: ["ro"], replace: ["console=tty0=tty1"] });
  expect(changedLines(text, result.text)).toEqual([
    "7: options    root=UUID=6d3376e4-fc93-4509-95ec-a21d68011da2 systemd.machine_id=4098b3f648d74c13b1f04ccfba7798e8",
    "8: options    console=tty1 console=ttyS0 a=b",
  ]);
  expect(result).toMatchObject({ changedLines: 2, kernelLines: 1, unmatchedLines: 0 });
});

test("GRUB takes the first options line only: new ones go there", () => {
  const text = fixture("sdboot-debian.conf");
  const result = applyKargs("bls-grub", text, { append: ["a=b"] });
  expect(changedLines(text, result.text)).toEqual([
    "7: options    root=UUID=6d3376e4-fc93-4509-95ec-a21d68011da2 ro systemd.machine_id=4098b3f648d74c13b1f04ccfba7798e8 a=b",
  ]);
});

test("a Fedora CoreOS entry gets its platform", () => {
  const text = fixture("fedora-coreos-ostree.conf");
  const edit = { replace: ["ignition.platform.id=metal=aws"], append: ["console=ttyS0,115200n8"] };
  expect(changedLines(text, applyKargs("bls-grub", text, edit).text)).toEqual([
    "3: options mitigations=auto,nosmt ostree=/ostree/boot.1/fedora-coreos/1d6b9c54f6b2b9a3/0 ignition.platform.id=aws $ignition_firstboot console=ttyS0,115200n8",
  ]);
});

test("options of a variable alone get arguments behind it", () => {
  const text = fixture("fedora-30.conf");
  expect(changedLines(text, applyKargs("bls-grub", text, { append: ["a"] }).text)).toEqual([
    "5: options $kernelopts a",
  ]);
  expect(changedLines(text, applyKargs("bls", text, { append: ["a"] }).text)).toEqual([
    "5: options $kernelopts a",
  ]);
});

describe("an entry without options", () => {
  test("gets a line below linux, where GRUB still reads", () => {
    const text = "title x\nlinux /l\ninitrd /i\n\n# end\n";
    const { text: edited } = applyKargs("bls", text, { append: ["a", "b"] });
    expect(edited).toBe("title x\nlinux /l\noptions a b\ninitrd /i\n\n# end\n");
    expect(applyKargs("bls", edited, { delete: ["a", "b"] }).text).toBe(text);
  });

  test("keeps its line endings and the missing one at the end", () => {
    expect(applyKargs("bls", "title x\r\nlinux /l", { append: ["a"] }).text).toBe(
      "title x\r\nlinux /l\r\noptions a",
    );
    expect(applyKargs("bls", "title x\r\nlinux /l\r\noptions a", { delete: ["a"] }).text).toBe(
      "title x\r\nlinux /l",
    );
    expect(applyKargs("bls", "linux /l\r\ntitle x", { append: ["a"] }).text).toBe(
      "linux /l\r\noptions a\r\ntitle x",
    );
  });

  test("stays as it is where there is nothing to add", () => {
    expect(applyKargs("bls", "linux /l\n", { deleteIfPresent: ["a"] })).toMatchObject({
      text: "linux /l\n",
      changedLines: 0,
    });
  });
});

test("an entry for something else is refused, one with options is not", () => {
  expect(errorOf(() => applyKargs("bls", "title x\nefi /shell.efi\n", { append: ["a"] })).code).toBe(
    "KARGS_NO_LINE",
  );
  expect(applyKargs("bls", "efi /l.efi\noptions q\n", { append: ["a"] }).text).toBe(
    "efi /l.efi\noptions q a\n",
  );
});

test("indentation, CR LF and comments stay", () => {
  const text = "\t linux /l\r\n#options no\r\n  options\ta \r\n";
  expect(applyKargs("bls", text, { append: ["b"] }).text).toBe(
    "\t linux /l\r\n#options no\r\n  options\ta b \r\n",
  );
});

describe("what the reader makes of quotes", () => {
  test("systemd-boot would strip a pair around the whole value", () => {
    const text = "linux /l\noptions q\n";
    expect(applyKargs("bls", text, { delete: ["q"], append: ['"a=b c"'] }).text).toBe(
      'linux /l\noptions a="b c"\n',
    );
    const error = errorOf(() => applyKargs("bls", 'linux /l\noptions "a=b c" q\n', { append: ['x="y z"'] }));
    expect(error.code).toBe("KARGS_UNSAYABLE");
  });

  test("GRUB needs quotes around its special characters, others do not", () => {
    const text = "linux /l\noptions q\n";
    const edit = { append: ["url=http://x/?a=1&b=2"] };
    expect(applyKargs("bls-grub", text, edit).text).toBe('linux /l\noptions q url="http://x/?a=1&b=2"\n');
    expect(applyKargs("bls", text, edit).text).toBe("linux /l\noptions q url=http://x/?a=1&b=2\n");
    expect(errorOf(() => applyKargs("bls-grub", text, { append: ["a=$b"] })).code).toBe("KARGS_UNSAYABLE");
  });

  test("options that GRUB would cut are refused", () => {
    expect(errorOf(() => applyKargs("bls-grub", "linux /l\noptions a;b\n", { append: ["x"] })).code).toBe(
      "BOOT_TEXT_SYNTAX",
    );
    expect(errorOf(() => applyKargs("bls", 'linux /l\noptions a="b\n', { append: ["x"] })).message).toContain(
      "line 2",
    );
  });

  // GRUB puts its own line end behind the value, and the initrd command behind that.
  test.each(["\n", "\r\n", ""])("a backslash that would join the next command is refused (%j)", (ending) => {
    const edit = { append: ["b"] };
    const error = errorOf(() => applyKargs("bls-grub", `linux /l\noptions a\\${ending}`, edit));
    expect(error.code).toBe("BOOT_TEXT_SYNTAX");
    expect(error.message).toContain("line 2 has a backslash with nothing behind it");
    expect(applyKargs("bls-grub", `linux /l\noptions a\\\\${ending}`, edit).text).toBe(
      `linux /l\noptions a\\\\ b${ending}`,
    );
  });
});
