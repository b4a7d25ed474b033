// Builds of every recipe, held against programs that are not ours: the artifacts decode everywhere to the same bytes
// (what is large, by whatever has code of its own for the format), those differ from the base in the reported blocks
// alone, and the files in them in what the spec says alone.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  buildImage,
  partitionOf,
  recipes,
  type RecipeName,
  type RecipeOptions,
} from "@bootstamp/test-images";
import {
  assertDecodesTo,
  crc64nvmeByGo,
  type Decoder,
  decodersFor,
  decodeToFile,
  differentBlocks,
  digestFile,
  independentDecodersFor,
  requires,
  run,
  type StreamFormat,
} from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { formats } from "../src/formats.ts";
import type { ArtifactRecord, Manifest } from "../src/build/manifest.ts";
import { eventsOf, runCommand } from "./support/command.ts";
import { checkFileSystem, differentPaths, readTree, treeTools, type FileTree } from "./support/file-tree.ts";
import { blocksOf } from "./support/blocks-of.ts";
import { workplace, writeText } from "./support/workplace.ts";

const names = ["aws", "azure"];

interface Case {
  readonly recipe: RecipeName;
  readonly options: RecipeOptions[RecipeName];
  /** What every variant's edits are. */
  readonly edits: (name: string) => readonly object[];
  /** The paths that they change. */
  readonly changes: readonly (string | RegExp)[];
}

const kernelArguments = (name: string): object => ({
  kargs: { append: [`platform=${name}`, "console=ttyS1,9600n8"] },
});
const files = (name: string): readonly object[] => [
  { write: { path: "/marker.txt", content: `${name}\n` } },
  { write: { path: "/site/identity.conf", content: `name = ${name}\n`.repeat(500) } },
];
const common = (name: string): readonly object[] => [kernelArguments(name), ...files(name)];
const fileChanges = ["/marker.txt", "/site", "/site/identity.conf"];
const entries = /^\/loader(\.1)?\/entries\/.*\.conf$/;

const cases: readonly Case[] = [
  { recipe: "tiny", options: { boot: "fat12" }, edits: common, changes: [...fileChanges, entries] },
  { recipe: "tiny", options: { boot: "fat32" }, edits: common, changes: [...fileChanges, entries] },
  { recipe: "tiny", options: { boot: "ext4" }, edits: common, changes: [...fileChanges, entries] },
  {
    recipe: "tiny",
    options: { boot: "ext4", sectorLength: 4096 },
    edits: (name) => [...common(name), { grubenv: { set: { saved_entry: name } } }, { delete: "/EMPTY" }],
    changes: [...fileChanges, entries, "/grub2/grubenv", "/EMPTY"],
  },
  {
    recipe: "raspi",
    options: {},
    edits: (name) => [...common(name), { "config-txt": { set: { hdmi_group: name === "aws" ? "1" : "2" } } }],
    changes: [...fileChanges, "/cmdline.txt", "/config.txt"],
  },
  { recipe: "debian-sdboot", options: {}, edits: common, changes: [...fileChanges, entries] },
  {
    recipe: "debian-grub",
    options: { root: "small" },
    edits: common,
    changes: [...fileChanges, /^\/grub\/grub\.cfg$/],
  },
  { recipe: "4kn", options: {}, edits: common, changes: [...fileChanges, /^\/grub\/grub\.cfg$/] },
  { recipe: "demo", options: {}, edits: common, changes: [...fileChanges, entries] },
];

describe.each(cases)("$recipe $options", (one) => {
  const { recipe, options, edits, changes } = one;
  // Which options go with which recipe is what `cases` says.
  const tools = recipes[recipe].tools(options as never);
  test(
    "builds to what every witness accepts",
    requires("python3", "bmaptool", "go", ...decoderTools(recipe), ...tools, ...treeTools),
    async () => {
      const base = await buildImage(recipe, options as never);
      const folder = workplace();
      const spec = {
        version: 1,
        base: { image: base.path },
        output: { bmap: true, formats: formatsFor(recipe) },
        variants: names.map((name) => ({ name, edits: edits(name) })),
      };
      const outcome = await runCommand([
        "build",
        writeText(join(folder, "spec.yaml"), JSON.stringify(spec)),
        "--json",
      ]);
      expect(outcome).toMatchObject({ status: 0, err: "" });
      const events = eventsOf(outcome);
      const out = join(folder, "out");
      const manifest: Manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
      const boot = partitionOf(base, "boot");
      const trees: FileTree[] = [await readTree(base.path, boot)];
      for (const artifact of manifest.artifacts) {
        const raw = join(folder, `${artifact.variant}-${artifact.format}.raw`);
        const packed = join(out, artifact.file);
        const [first, ...others] = witnessesOf(recipe, artifact.format);
        if (first === undefined) throw new Error(`nothing to decode ${packed} with`);
        await decodeToFile(first, packed, raw);
        // Variants of one base share all but what is stored: each witness reads one of them.
        const mine = others.filter((_, index) => names[index % names.length] === artifact.variant);
        await holdAgainstWitnesses(mine, packed, raw);
        await holdAgainstManifest(packed, raw, artifact);
        const edited = events.find(
          ({ event, variant }) => event === "edited" && variant === artifact.variant,
        );
        expect(await differentBlocks(base.path, raw)).toEqual(blocksOf(edited?.["extents"] as never));
        await checkFileSystem(raw, boot);
        if (artifact.format === formats[0]?.name) trees.push(await readTree(raw, boot));
        rmSync(raw);
      }
      const [of = {}, aws = {}, azure = {}] = trees;
      for (const [a, b] of [
        [of, aws],
        [of, azure],
        [aws, azure],
      ] as const) {
        const different = differentPaths(a, b);
        expect(different.filter((path) => !changes.some((change) => matches(path, change)))).toEqual([]);
      }
      for (const change of changes) {
        expect(
          differentPaths(of, aws).some((path) => matches(path, change)),
          `${change}`,
        ).toBe(true);
      }
      await run("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], { cwd: out });
    },
  );
});

/** All that a witness knows for the small recipe; of the large ones one format has to do. */
function formatsFor(recipe: RecipeName): string[] {
  const known = formats.map(({ name }) => name).filter((name) => witnessesOf(recipe, name).length > 0);
  return recipe === "tiny" ? known : known.slice(0, 1);
}

function matches(path: string, change: string | RegExp): boolean {
  return typeof change === "string" ? path === change : change.test(path);
}

function witnessesOf(recipe: RecipeName, format: string): readonly Decoder[] {
  const known = recipe === "tiny" ? decodersFor : independentDecodersFor;
  return known(format as StreamFormat);
}

function decoderTools(recipe: RecipeName): string[] {
  return formatsFor(recipe).flatMap((format) => witnessesOf(recipe, format).flatMap(({ tools }) => tools));
}

/** Two at a time: most decoders use one core. */
async function holdAgainstWitnesses(witnesses: readonly Decoder[], path: string, raw: string): Promise<void> {
  const waiting = [...witnesses];
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
      await assertDecodesTo(next, path, raw);
  };
  await Promise.all([work(), work()]);
}

async function holdAgainstManifest(path: string, raw: string, artifact: ArtifactRecord): Promise<void> {
  expect(await digestFile(path)).toEqual({ length: artifact.length, sha256: artifact.sha256 });
  expect(await digestFile(raw)).toEqual({ length: artifact.rawLength, sha256: artifact.rawSha256 });
  const crc = await run("python3", ["-c", crcScript, raw]);
  expect(crc.trim()).toBe(artifact.rawCrc32);
  const packedCrc = await crc64nvmeByGo(path);
  expect(Buffer.from(packedCrc, "hex").toString("base64")).toBe(artifact.crc64nvme);
  const target = `${raw}.copied`;
  await run("bmaptool", ["-q", "copy", "--no-sig-verify", "--bmap", `${path}.bmap`, path, target]);
  expect(await differentBlocks(raw, target)).toEqual([]);
  rmSync(target);
}

const crcScript = `
import sys, zlib
crc = 0
block = memoryview(bytearray(1 << 20))
with open(sys.argv[1], "rb", buffering=0) as raw:
    while count := raw.readinto(block):
        crc = zlib.crc32(block[:count], crc)
print(f"{crc:08x}")`;
