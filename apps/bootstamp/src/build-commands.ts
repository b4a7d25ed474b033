// Commands that make what a spec says.
import { statSync } from "node:fs";
import type { Command } from "commander";
import type { EncodeChoice } from "@bootstamp/segment-map";
import type { StampsChoice } from "@bootstamp/variants";
import { ProgramError } from "./program-error.ts";
import { parseShard } from "./build/parse-shard.ts";
import type { Selection } from "./build/selection.ts";
import {
  clockOf,
  imageOptions,
  listOption,
  regionOption,
  sectorOption,
  wholeNumber,
  type ImageFlags,
} from "./flags.ts";
import { isSpecName } from "./is-spec-name.ts";
import type { ProgramContext } from "./program-context.ts";

interface BuildFlags extends SelectionFlags {
  readonly output?: string;
  readonly bases?: string;
  readonly stamps?: boolean;
  readonly stampsOnly?: boolean;
}

interface SelectionFlags {
  readonly shard?: string;
  readonly variant?: readonly string[];
}

export function addBuild(root: Command, { environment, reporter, signal }: ProgramContext): void {
  root
    .command("build")
    .description("make every artifact of a spec, with manifest.json and SHA256SUMS")
    .argument("<spec>", "the YAML spec")
    .option("-o, --output <directory>", "in place of the spec's output directory")
    .option("--shard <i/n>", "stamp one of n shares of the variants; auto: the one that the CI system says")
    .addOption(listOption("--variant <name>", "stamp this variant alone"))
    .option("--bases <directory>", "take the base from here, where prepare -o DIRECTORY/ has put it")
    .option("--stamps", "a stamp of each variant too: a few kilobytes that make it of the base anywhere")
    .option("--stamps-only", "stamps and the base that they are for, no artifacts")
    .action(async (specPath: string, { output, bases, stamps, stampsOnly, ...flags }: BuildFlags) => {
      const choice: StampsChoice | undefined = stampsOnly === true ? "only" : stamps;
      const selection = selectionOf(flags, environment);
      const { build } = await import("./build/build.ts");
      const options = {
        specPath,
        ...clockOf(environment),
        ...(output === undefined ? {} : { outputDirectory: output }),
        ...(bases === undefined ? {} : { basesDirectory: bases }),
        ...(choice === undefined ? {} : { stamps: choice }),
        ...(selection === undefined ? {} : { selection }),
      };
      await build(options, reporter, signal);
    });
}

function selectionOf(
  { shard, variant }: SelectionFlags,
  environment: ProgramContext["environment"],
): Selection | undefined {
  if (shard !== undefined && variant !== undefined)
    throw new ProgramError("USAGE_ARGUMENT", "--shard and --variant do not go together");
  if (shard !== undefined) return { shard: parseShard(shard, environment) };
  return variant === undefined ? undefined : { variants: variant };
}

interface PrepareFlags extends ImageFlags {
  readonly output: string;
  readonly engine?: string;
  readonly level?: number;
}

export function addPrepare(root: Command, context: ProgramContext): void {
  root
    .command("prepare")
    .description(
      "compress a base once: what a spec's variants change is stored, or of an image the whole region",
    )
    .argument("<input>", "a spec (.yaml, .yml or .json), or an image of any kind, a path or a URL")
    .requiredOption(
      "-o, --output <path>",
      "the stampable image to make, such as base.gz; or a directory, for build --bases",
    )
    .addOption(regionOption())
    .addOption(sectorOption())
    .option("--engine <name>", "the compression engine")
    .option("--level <n>", "the engine's level", wholeNumber)
    .action(async (input: string, flags: PrepareFlags) => await runPrepare(input, flags, context));
}

async function runPrepare(
  input: string,
  { output, engine, level, ...image }: PrepareFlags,
  { environment, reporter, signal }: ProgramContext,
): Promise<void> {
  const compression: EncodeChoice = {
    ...(engine === undefined ? {} : { engine }),
    ...(level === undefined ? {} : { level }),
  };
  const clock = clockOf(environment);
  if (!isDirectory(output)) {
    const { prepare } = await import("./commands/prepare.ts");
    const options = { input, output, compression, ...imageOptions(image), ...clock };
    return await prepare(options, reporter, signal);
  }
  if (!isSpecName(input) || Object.keys({ ...compression, ...imageOptions(image) }).length > 0)
    throw new ProgramError("USAGE_ARGUMENT", `into a directory, ${output}, a spec is prepared, as it says`);
  const { prepareBases } = await import("./commands/prepare-bases.ts");
  await prepareBases({ specPath: input, directory: output, ...clock }, reporter, signal);
}

/** One that is there, or that is to be: its name ends in a slash. */
function isDirectory(path: string): boolean {
  return path.endsWith("/") || (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false);
}
