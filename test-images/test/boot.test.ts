import { bootImage, bootTools, buildImage, recipes, reportOf } from "@bootstamp/test-images";
import { requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";

const timeout = 900_000;

const cases = [
  {
    name: "debian-sdboot",
    firmware: "uefi",
    cmdline: /^initrd=\S+ root=LABEL=root ro console=ttyS0,115200n8 quiet$/,
  },
  {
    name: "debian-grub",
    firmware: "uefi",
    cmdline: /^BOOT_IMAGE=\/vmlinuz-\S+ root=UUID=\S+ ro console=ttyS0/,
  },
  {
    name: "debian-grub",
    firmware: "bios",
    cmdline: /^BOOT_IMAGE=\/vmlinuz-\S+ root=UUID=\S+ ro console=ttyS0/,
  },
  { name: "4kn", firmware: "uefi", cmdline: /^BOOT_IMAGE=\/vmlinuz-\S+ root=UUID=\S+ ro console=ttyS0/ },
] as const;

describe.each(cases)("$name under $firmware", ({ name, firmware, cmdline }) => {
  const guard = { ...requires(...recipes[name].tools({}), ...bootTools), timeout };

  test("boots, and shows its kernel's arguments and its marker", guard, async () => {
    const { path, sectorLength, boots } = await buildImage(name);
    expect(boots).toContain(firmware);
    const console = await bootImage(path, { firmware, sectorLength });
    expect(reportOf(console, "cmdline")).toMatch(cmdline);
    expect(reportOf(console, "boot")).toMatch(/marker\.txt/);
    expect(reportOf(console, "marker")).toBe("base");
  });
});

describe("reportOf", () => {
  test("reads a part between its lines, whatever the firmware printed before", () => {
    const shown = "\u001b[2J\u001b[01;01H== marker BEGIN\r\none\r\ntwo\r\n== marker END\r\n";
    expect(reportOf(shown, "marker")).toBe("one\ntwo");
  });

  test("refuses a console without the part, or with half of it", () => {
    expect(() => reportOf("== boot BEGIN\n", "boot")).toThrow(/shows no boot/);
    expect(() => reportOf("", "cmdline")).toThrow(/shows no cmdline/);
  });
});

test(
  "an image that does not power off in time says what the console showed",
  { ...requires(...bootTools), timeout },
  async () => {
    const { path } = await buildImage("tiny");
    const boot = bootImage(path, { firmware: "uefi", timeout: 8000 });
    await expect(boot).rejects.toThrow(/did not boot and power off; the console ended in/);
  },
);
