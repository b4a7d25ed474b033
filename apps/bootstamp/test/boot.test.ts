// Variants of real images, started in virtual machines: each has its own kernel arguments and files. One of them boots
// over NBD, out of the compressed file.
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { createReadStream } from "node:fs";
import { bootImage, bootTools, buildImage, recipes, reportOf } from "@bootstamp/test-images";
import { requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { runCommand } from "./support/command.ts";
import { serveImage } from "./support/serving.ts";
import { editsOf, specOf, workplace, writeText } from "./support/workplace.ts";

const names = ["aws", "azure"];

const machines = [
  // systemd-boot, its entries on FAT.
  { recipe: "debian-sdboot", options: {}, booted: names },
  // GRUB, its grub.cfg on ext4. A boot takes long: one is enough to show that the edits are right.
  { recipe: "debian-grub", options: { root: "small" }, booted: names.slice(0, 1) },
] as const;

describe.each(machines)("$recipe", ({ recipe, options, booted }) => {
  test(
    "variants boot, each with its own arguments",
    requires(...bootTools, ...recipes[recipe].tools()),
    async () => {
      const base = await buildImage(recipe, options);
      const folder = workplace();
      const variants = names.map((name) => ({ name, edits: editsOf(name) }));
      const spec = writeText(join(folder, "spec.yaml"), specOf(base.path, { variants }));
      expect(await runCommand(["build", spec])).toMatchObject({ status: 0 });
      const consoles = await Promise.all(
        booted.map(async (name) => {
          const packed = join(folder, "out", `${name}.raw.gz`);
          // One unpacked by another program, the other out of the compressed file.
          if (name === "azure") {
            const served = await serveImage(packed);
            return await bootImage(served.uri(), { firmware: "uefi" });
          }
          const raw = join(folder, `${name}.raw`);
          await pipeline(createReadStream(packed), createGunzip(), createWriteStream(raw));
          return await bootImage(raw, { firmware: "uefi" });
        }),
      );
      expect(consoles.map((shown) => platformOf(reportOf(shown, "cmdline")))).toEqual(booted);
      expect(consoles.map((shown) => reportOf(shown, "marker"))).toEqual(booted);
    },
  );
});

function platformOf(commandLine: string): string {
  return [...commandLine.matchAll(/(?<=\bplatform=)\w+/g)].join(" ");
}
