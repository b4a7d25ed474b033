// Every recipe in every format: byte for byte the same image, and in it the files that other tools make of the same
// edits. What is small is read by every decoder, what is large by those that have code of their own for the format. The
// .gz of each is held against its decoders by the program's own tests; here gzip's own reading of it is what the other
// formats must come to.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import {
  assertDecodesTo,
  decodersFor,
  decodeToFile,
  digestFile,
  independentDecodersFor,
  referenceDecoders,
  referenceTools,
  requires,
} from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  checkFileSystem,
  compareFolders,
  compareOutside,
  copyFilesOut,
  editByHand,
  fileTools,
} from "../src/boot-files.ts";
import { type ScratchFolder, scratchFolder } from "../src/scratch-folder.ts";
import { subjects, toolsOf, variantNames } from "../src/subjects.ts";
import { buildVariants, type VariantBuild } from "../src/variant-build.ts";

const formats = ["xz", "zst"] as const;

/** Some five times slower than the others: they read what is small. */
const slow: ReadonlySet<string> = new Set(["XZ for Java", "Go ulikunitz"]);

describe.each(subjects)("$recipe", (subject) => {
  const { recipe, options, small = false } = subject;
  const tools = [...toolsOf(subject), ...referenceTools, ...fileTools];
  const guard = requires(...tools);

  describe("of two variants", guard, () => {
    let scratch: ScratchFolder;
    const at = (name: string): string => join(scratch.path, name);
    let image = "";
    let boot: ReturnType<typeof partitionOf>;
    let build: VariantBuild;

    beforeAll(async () => {
      scratch = scratchFolder();
      const base = await buildImage(recipe, options);
      image = base.path;
      boot = partitionOf(base, "boot");
      build = await buildVariants({ image, folder: scratch.path, formats: ["gz", ...formats] });
      for (const variant of variantNames) {
        await decodeToFile(referenceDecoders.gz, build.artifact(variant, "gz"), at(`${variant}.raw`));
      }
    });
    afterAll(() => scratch[Symbol.dispose]());

    test("all formats come to the same raw image", async () => {
      for (const variant of variantNames) {
        const { sha256 } = await digestFile(at(`${variant}.raw`));
        const artifacts = build.manifest.artifacts.filter((artifact) => artifact.variant === variant);
        expect(artifacts.map(({ rawSha256 }) => rawSha256)).toEqual([sha256, sha256, sha256]);
      }
    });

    test.each(variantNames)("%s has the files that other tools make of its edits", async (variant) => {
      const [expected, got] = [at(`${variant}.expected`), at(`${variant}.got`)];
      await copyFilesOut(image, boot, expected);
      await editByHand(expected, subject, variant);
      await copyFilesOut(at(`${variant}.raw`), boot, got);
      await expect(compareFolders(expected, got)).resolves.toBeUndefined();
      for (const folder of [expected, got]) rmSync(folder, { recursive: true });
    });

    test.each(variantNames)("%s differs from the base in a sound boot partition alone", async (variant) => {
      await expect(checkFileSystem(at(`${variant}.raw`), boot)).resolves.toBeUndefined();
      await expect(compareOutside(boot, image, at(`${variant}.raw`))).resolves.toBeUndefined();
    });

    for (const format of formats) {
      const decoders = small ? decodersFor(format) : independentDecodersFor(format);
      for (const [index, decoder] of decoders.entries()) {
        if (slow.has(decoder.name) && !small) continue;
        // Variants of one base share all but what is stored: of what is not tiny each decoder reads one.
        const variants = recipe === "tiny" ? variantNames : [variantNames[index % 2 === 0 ? 0 : 1]];
        test.concurrent(
          `${decoder.name} reads .${format} byte for byte`,
          requires(...decoder.tools),
          async () => {
            for (const variant of variants) {
              const decoded = assertDecodesTo(decoder, build.artifact(variant, format), at(`${variant}.raw`));
              await expect(decoded).resolves.toBeUndefined();
            }
          },
        );
      }
    }
  });
});
