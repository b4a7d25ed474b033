// The command that makes images, layouts of images, and images from images.
import type { Command } from "commander";
import { parseByteLength } from "@bootstamp/declaration";
import type { RelayoutChoices, Shrink } from "@bootstamp/disk-image";
import type { RegionChoice } from "@bootstamp/layout";
import { InvalidArgumentError, Option } from "commander";
import { ProgramError } from "./program-error.ts";
import { clockOf, imageOptions, parseRegion, sectorOption, type ImageFlags } from "./flags.ts";
import type { ProgramContext } from "./program-context.ts";

interface LayoutFlags extends ImageFlags {
  readonly output?: string;
  readonly from?: string;
  readonly relayout?: string;
  readonly yaml?: boolean;
  readonly partition?: RegionChoice;
  readonly last?: boolean;
  readonly shrink?: Shrink;
  readonly size?: number;
  readonly remakeFat?: boolean;
  readonly ignoreBootLoaders?: boolean;
  readonly bootCode?: string;
  readonly architecture?: string;
}

export function addLayout(root: Command, context: ProgramContext): void {
  root
    .command("layout")
    .description("assemble an image from a layout; write the layout of an image; lay an image out anew")
    .argument("[layout]", "a layout file, a directory of repart.d definitions, or what sfdisk --dump printed")
    .option("-o, --output <file>", "the image or the layout to make; of a layout, - is standard output")
    .option("--yaml", "write the layout with every number that was planned, not the image")
    .option("--boot-code <file>", "code for the start of the MBR, 440 bytes at most")
    .option("--architecture <name>", "which one root and usr of repart.d definitions are for, such as x86-64")
    .option("--from <image>", "write the layout file of this image")
    .option("--relayout <image>", "make a new image from this one")
    .addOption(partitionOption())
    .option("--last", "--relayout: put the partition behind all others")
    .option("--shrink <length>", "--relayout: to a length, or to what is in use and +LENGTH", parseShrink)
    .option("--size <length>", "--relayout: of the new image; default: as little as it takes", parseLength)
    .option("--remake-fat", "--relayout: make a FAT that is to shrink anew from its files")
    .option("--ignore-boot-loaders", "--relayout: also where a boot loader reads sectors that move")
    .addOption(sectorOption())
    .action(async (layout: string | undefined, flags: LayoutFlags) => {
      await runLayout(layout, flags, context);
    });
}

function partitionOption(): Option {
  const description =
    "--relayout: the partition that varies: a label, label=NAME, number=N, type=ID or role=ROLE (default: role=boot)";
  return new Option("--partition <choice>", description).argParser(parseRegion);
}

async function runLayout(
  layout: string | undefined,
  flags: LayoutFlags,
  context: ProgramContext,
): Promise<void> {
  const { reporter, signal, environment } = context;
  const { from, relayout: image, output } = flags;
  if ([layout, from, image].filter((one) => one !== undefined).length !== 1)
    throw new ProgramError("USAGE_ARGUMENT", "layout takes one of a layout, --from and --relayout");
  const target = output === undefined ? {} : { output };
  if (output === "-" && from === undefined && flags.yaml !== true)
    throw new ProgramError(
      "USAGE_ARGUMENT",
      "an image cannot go to standard output: it is sparse; name a file",
    );
  if (from !== undefined) {
    const { writeLayoutOfImage } = await import("./commands/layout/write-layout.ts");
    return await writeLayoutOfImage({ input: from, ...target, ...imageOptions(flags) }, reporter, signal);
  }
  if (image !== undefined) {
    const { relayoutImage } = await import("./commands/layout/relayout-image.ts");
    const choices = choicesOf(flags, clockOf(environment));
    return await relayoutImage({ image, ...target, choices, ...imageOptions(flags) }, reporter, signal);
  }
  const input = layout ?? "";
  const architecture = flags.architecture === undefined ? {} : { architecture: flags.architecture };
  if (flags.yaml === true) {
    const { writeImportedLayout } = await import("./commands/layout/write-layout.ts");
    return await writeImportedLayout({ input, ...target, ...architecture }, reporter);
  }
  if (output === undefined)
    throw new ProgramError("USAGE_ARGUMENT", "layout needs -o with the image to make");
  const { writeImage } = await import("./commands/layout/write-image.ts");
  const bootCode = flags.bootCode === undefined ? {} : { bootCode: flags.bootCode };
  await writeImage(
    { input, output, ...bootCode, ...architecture, ...clockOf(environment) },
    reporter,
    signal,
  );
}

function choicesOf(flags: LayoutFlags, clock: { clock?: number }): RelayoutChoices {
  const { partition = { role: "boot" }, last, shrink, size, remakeFat, ignoreBootLoaders } = flags;
  if (last === undefined && shrink === undefined)
    throw new ProgramError("USAGE_ARGUMENT", "--relayout takes --last, --shrink, or both");
  return {
    partition,
    ...(last === undefined ? {} : { last }),
    ...(shrink === undefined ? {} : { shrink }),
    ...(size === undefined ? {} : { diskLength: size }),
    ...(remakeFat === undefined ? {} : { remakeFat }),
    ...(ignoreBootLoaders === undefined ? {} : { ignoreBootLoaders }),
    ...clock,
  };
}

function parseLength(word: string): number {
  const length = parseByteLength(word);
  if (length !== undefined) return length;
  throw new InvalidArgumentError('Expected a length such as "384MiB", "10G" or 1048576 (bytes).');
}

function parseShrink(word: string): Shrink {
  return word.startsWith("+") ? { reserve: parseLength(word.slice(1)) } : { length: parseLength(word) };
}
