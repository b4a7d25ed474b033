// Stamped artifacts boot, and each shows its own kernel arguments and its own marker.
import { join } from "node:path";
import { bootImage, bootTools, buildImage, reportOf } from "@bootstamp/test-images";
import { decodeToFile, referenceDecoders, referenceTools, requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveThroughXz } from "../src/nbd-server.ts";
import { type ScratchFolder, scratchFolder } from "../src/scratch-folder.ts";
import { subjects, toolsOf, type VariantName } from "../src/subjects.ts";
import { buildVariants, type VariantBuild } from "../src/variant-build.ts";

const subject = subjects.find(({ recipe }) => recipe === "debian-sdboot");
if (subject === undefined) throw new Error("there is nothing to boot");

describe("debian-sdboot", requires(...toolsOf(subject), ...referenceTools, ...bootTools), () => {
  let scratch: ScratchFolder;
  let build: VariantBuild;

  beforeAll(async () => {
    scratch = scratchFolder();
    const { path: image } = await buildImage("debian-sdboot");
    build = await buildVariants({ image, folder: scratch.path, formats: ["gz", "xz"] });
  });
  afterAll(() => scratch[Symbol.dispose]());

  test("boots as .xz from nbdkit's xz filter, without being unpacked", requires("nbdkit"), async () => {
    await using server = await serveThroughXz(build.artifact("aws", "xz"), scratch.path);
    const console = await bootImage(server.uri, { firmware: "uefi" });
    expect(shown(console)).toEqual(expected("aws"));
  });

  test("boots from an unpacked .gz", async () => {
    const raw = join(scratch.path, "azure.raw");
    await decodeToFile(referenceDecoders.gz, build.artifact("azure", "gz"), raw);
    const console = await bootImage(raw, { firmware: "uefi" });
    expect(shown(console)).toEqual(expected("azure"));
  });
});

interface Shown {
  readonly platform: readonly string[] | null;
  readonly marker: string;
}

function shown(console: string): Shown {
  return {
    platform: reportOf(console, "cmdline").match(/platform=\S+/g),
    marker: reportOf(console, "marker"),
  };
}

function expected(variant: VariantName): Shown {
  return { platform: [`platform=${variant}`], marker: variant };
}
