import { buildImage } from "@bootstamp/test-images";
import { expect, test } from "vitest";
import { runCommand } from "./support/command.ts";
import { specIn } from "./support/refused-build.ts";
import { editsOf, specOf, workplace } from "./support/workplace.ts";

const tiny = await buildImage("tiny");

test("a variant with nothing but its name is the base, compressed", async () => {
  const folder = workplace();
  const spec = specIn(
    folder,
    specOf(tiny.path, {
      variants: [
        { name: "plain", edits: [] },
        { name: "x", edits: editsOf("x") },
      ],
    }),
  );
  expect(await runCommand(["build", spec])).toMatchObject({ status: 0 });
  const only = specIn(
    folder,
    specOf(tiny.path, { variants: [{ name: "plain" }], output: { directory: "other" } }),
  );
  expect(await runCommand(["build", only])).toMatchObject({ status: 0, err: "" });
});
