import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { requires, run } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import { runCommand } from "./support/command.ts";
import { specIn } from "./support/refused-build.ts";
import { copyOf, specOf, workplace } from "./support/workplace.ts";

const tiny = await buildImage("tiny");

test("names from an image cannot steer the terminal", requires("sgdisk"), async () => {
  const folder = workplace();
  const path = copyOf(tiny.path, join(folder, "base.img"));
  await run("sgdisk", ["--change-name", "1:\u001B[2Jx\u202Ey", path]);
  const spec = specIn(folder, specOf("base.img"));
  for (const words of [
    ["inspect", path],
    ["plan", spec],
    ["build", spec],
    ["build", join(folder, "no\u001B[2J")],
  ]) {
    const { out, err } = await runCommand(words);
    expect((out + err).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});
