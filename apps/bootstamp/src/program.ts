// Each command loads its code when it is run: what a build needs takes ten times as long to load as `--help` to show.
import { Command, Option } from "commander";
import { ProgramError } from "./program-error.ts";
import { addBuild, addPrepare } from "./build-commands.ts";
import { addCatalog } from "./catalog-command.ts";
import { addCollect, addMatrix } from "./fan-out-commands.ts";
import { clockOf, imageOptions, regionOption, sectorOption, type ImageFlags } from "./flags.ts";
import { isSpecName } from "./is-spec-name.ts";
import { addLayout } from "./layout-command.ts";
import type { ProgramContext } from "./program-context.ts";
import { addPublish } from "./publish-command.ts";
import { addCat, addIndex, addInspect, addLs, addUnpack, addVerify } from "./reading-commands.ts";
import { addRepair } from "./repair-command.ts";
import { addDiff, addStamp } from "./stamp-commands.ts";
import { addNbd } from "./serving-commands.ts";
import { version } from "./version.ts";

/** The whole command line. What is wrong with its use is thrown as a `CommanderError`, after people have been told. */
export function makeProgram(context: ProgramContext): Command {
  const { terminal, json } = context;
  const root = new Command("bootstamp")
    .description("Compress a disk image once, stamp any number of variants out of it.")
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .exitOverride()
    .configureOutput({
      writeOut: terminal.writeOut,
      writeErr: json ? () => undefined : terminal.writeErr,
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    });
  for (const add of [
    addBuild,
    addPlan,
    addPrepare,
    addStamp,
    addVerify,
    addInspect,
    addLs,
    addCat,
    addUnpack,
    addIndex,
    addNbd,
    addRepair,
    addLayout,
    addDiff,
    addMatrix,
    addCollect,
    addCatalog,
    addPublish,
  ])
    add(root, context);
  // It may stand before the command and behind it.
  for (const command of [root, ...root.commands]) command.addOption(jsonOption());
  return root;
}

function jsonOption(): Option {
  return new Option("--json", "one JSON object a line on standard output, for programs");
}

function addPlan(root: Command, { environment, reporter, signal }: ProgramContext): void {
  root
    .command("plan")
    .description("show what a build would store and cost, or what another layout of an image would save")
    .argument("<input>", "a spec (.yaml, .yml or .json), or an image to judge, a path or a URL")
    .option(
      "--base <file>",
      "a stampable image: say of each variant whether it is patched in place or spliced",
    )
    .addOption(regionOption("of an image, the partition that varies"))
    .addOption(sectorOption())
    .action(async (input: string, { base, ...flags }: ImageFlags & { readonly base?: string }) => {
      const options = imageOptions(flags);
      if (!isSpecName(input)) {
        if (base !== undefined) throw new ProgramError("USAGE_ARGUMENT", "--base goes with a spec");
        const { judge } = await import("./commands/judge.ts");
        return await judge({ image: input, ...options }, reporter, signal);
      }
      if (Object.keys(options).length > 0)
        throw new ProgramError(
          "USAGE_ARGUMENT",
          `--region and --sector-size are for an image: ${input} says its own`,
        );
      const job = { specPath: input, ...clockOf(environment) };
      if (base !== undefined) {
        const { planStamping } = await import("./commands/plan-stamping.ts");
        return await planStamping({ ...job, base }, reporter, signal);
      }
      const { plan } = await import("./commands/plan.ts");
      await plan(job, reporter, signal);
    });
}
