// Commands for builds that several jobs share.
import { Option, type Command } from "commander";
import { wholeNumber } from "./flags.ts";
import type { ProgramContext } from "./program-context.ts";
import type { MatrixSystem } from "./commands/matrix.ts";

interface MatrixFlags {
  readonly shards?: number;
  readonly for: MatrixSystem;
}

export function addMatrix(root: Command, { reporter }: ProgramContext): void {
  root
    .command("matrix")
    .description("print the jobs that make the variants of a spec, for a CI system")
    .argument("<spec>", "the YAML spec")
    .option("--shards <n>", "deal the variants out to n jobs; default: one for each variant", wholeNumber)
    .addOption(
      new Option("--for <system>", "whose matrix to print").choices(["github", "gitlab"]).default("github"),
    )
    .action(async (specPath: string, { shards, for: system }: MatrixFlags) => {
      const { matrix } = await import("./commands/matrix.ts");
      await matrix({ specPath, system, ...(shards === undefined ? {} : { shards }) }, reporter);
    });
}

interface CollectFlags {
  readonly output: string;
  readonly move?: boolean;
  readonly bases?: string;
}

export function addCollect(root: Command, { reporter, signal }: ProgramContext): void {
  root
    .command("collect")
    .description("make one release of what the jobs of build --shard or --variant made")
    .argument("<directories...>", "their output directories")
    .requiredOption("-o, --output <directory>", "where to put the release together")
    .option("--move", "move the artifacts instead of copying them")
    .option("--bases <directory>", "where prepare put the bases, for publish to compose variants of")
    .action(async (directories: string[], { output, move = false, bases }: CollectFlags) => {
      const { collect } = await import("./commands/collect/collect.ts");
      const shared = bases === undefined ? {} : { basesDirectory: bases };
      await collect({ directories, output, move, ...shared }, reporter, signal);
    });
}
