import { bootImage, bootTools, buildImage, recipes, reportOf } from "@bootstamp/test-images";
import { requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";

const timeout = 900_000;

test(
  "debian-sdboot boots under UEFI",
  { ...requires(...recipes["debian-sdboot"].tools(), ...bootTools), timeout },
  async () => {
    const options = "root=LABEL=root ro console=ttyS0,115200n8 quiet";
    const image = await buildImage("debian-sdboot");
    const console = await bootImage(image.path, { firmware: "uefi" });
    expect(reportOf(console, "cmdline")).toMatch(new RegExp(`^initrd=.* ${options}$`));
    expect(reportOf(console, "boot")).toMatch(/loader +marker\.txt/);
    expect(reportOf(console, "marker")).toBe("base");
  },
);

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
