// Commands that make one variant, and stamps of variants.
import type { Command } from "commander";
import { ProgramError } from "./program-error.ts";
import {
  clockOf,
  imageArgument,
  imageOptions,
  listOption,
  originOf,
  regionOption,
  sectorOption,
  type EditFlags,
  type ImageFlags,
} from "./flags.ts";
import type { ProgramContext } from "./program-context.ts";

interface StampFlags extends EditFlags, ImageFlags {
  readonly output?: string;
  readonly inPlace?: boolean;
  readonly device?: string;
  readonly dryRun?: boolean;
  readonly list?: boolean;
  readonly verify?: boolean;
  readonly full?: boolean;
}

export function addStamp(root: Command, context: ProgramContext): void {
  root
    .command("stamp")
    .description("stamp one variant out of a base, by edits or by a stamp that was made elsewhere")
    .argument("<base>", "the stampable image, a path or a URL; with a stamp, an image of any kind")
    .argument("[stamp]", "a stamp for it, as bootstamp diff makes them")
    .option("-o, --output <file>", "the artifact to make; - is standard output")
    .option("--in-place", "change the base itself, with a journal beside it; with a stamp, a device too")
    .option("--device <text>", "to change what is on a device: its model, serial number, or length in bytes")
    .option("--dry-run", "say whether it would be patched in place or spliced, and write nothing")
    .option("--list", "show what a stamp is for and what it changes: bootstamp stamp --list aws.stamp")
    .option("--verify", "say whether an artifact is a stamp's base with the stamp in it")
    .option("--full", "--verify: read all of the artifact")
    .option("--spec <file>", "a spec that has the variant")
    .option("--variant <name>", "the variant of the spec")
    .addOption(listOption("--edit <yaml>", "an edit as a spec has it, such as 'delete: /a.txt'"))
    .addOption(listOption("--karg-append <arg>", "append a kernel argument"))
    .addOption(listOption("--karg-delete <arg>", "delete a kernel argument"))
    .addOption(listOption("--write <path=file>", "put a file of this machine into the image"))
    .addOption(listOption("--fill <path=file>", "fill a slot of the image with a file of this machine"))
    .addOption(regionOption())
    .addOption(sectorOption())
    .action(async (base: string, stamp: string | undefined, flags: StampFlags) => {
      await runStamp(base, stamp, flags, context);
    });
}

async function runStamp(
  base: string,
  stampPath: string | undefined,
  flags: StampFlags,
  context: ProgramContext,
): Promise<void> {
  const { reporter, signal, environment } = context;
  const { output, inPlace, device, dryRun = false, list, verify, full = false, sectorSize, ...edits } = flags;
  if (list === true) {
    const { showStamp } = await import("./commands/show-stamp.ts");
    return await showStamp(base, reporter);
  }
  if (verify === true) {
    const stamp = needed(stampPath, "--verify takes an artifact and a stamp");
    const { verifyStamp } = await import("./commands/verify-stamp.ts");
    return await verifyStamp({ artifact: base, stamp, full }, reporter, signal);
  }
  if (!dryRun) checkTarget(output, inPlace, context);
  const target = { dryRun, ...(output === undefined ? {} : { output }) };
  if (stampPath !== undefined) {
    if (Object.keys(edits).length > 0)
      throw new ProgramError("USAGE_ARGUMENT", "a stamp has its own edits: it goes without others");
    const { applyStamp } = await import("./commands/apply-stamp.ts");
    const named = device === undefined ? {} : { device };
    return await applyStamp({ base, stamp: stampPath, ...target, ...named }, reporter, signal);
  }
  const origin = originOf(edits);
  const { stamp } = await import("./commands/stamp.ts");
  const sectors = imageOptions(sectorSize === undefined ? {} : { sectorSize });
  await stamp({ base, origin, ...target, ...sectors, ...clockOf(environment) }, reporter, signal);
}

function checkTarget(
  output: string | undefined,
  inPlace: boolean | undefined,
  { json }: ProgramContext,
): void {
  if ((output === undefined) === (inPlace !== true))
    throw new ProgramError(
      "USAGE_ARGUMENT",
      "stamp takes one of -o with the artifact to make, and --in-place",
    );
  if (json && output === "-")
    throw new ProgramError("USAGE_ARGUMENT", "--json and -o - both want standard output");
}

function needed(word: string | undefined, message: string): string {
  if (word === undefined) throw new ProgramError("USAGE_ARGUMENT", message);
  return word;
}

interface DiffFlags {
  readonly output: string;
  readonly name?: string;
}

export function addDiff(root: Command, { reporter, signal }: ProgramContext): void {
  root
    .command("diff")
    .description("make a stamp, a few kilobytes, of what differs between two images")
    .argument("<base>", imageArgument)
    .argument("<variant>", "the variant of it, of any kind too")
    .requiredOption("-o, --output <file>", "the stamp to make, such as aws.stamp")
    .option("--name <name>", "the variant's name; default: the stamp's file name without its ending")
    .action(async (base: string, variant: string, { output, name }: DiffFlags) => {
      const { diff } = await import("./commands/diff.ts");
      await diff({ base, variant, output, ...(name === undefined ? {} : { name }) }, reporter, signal);
    });
}
