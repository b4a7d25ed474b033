// The command that brings files in order after a crash.
import type { Command } from "commander";
import type { ProgramContext } from "./program-context.ts";

export function addRepair(root: Command, { reporter }: ProgramContext): void {
  root
    .command("repair")
    .description("bring files in order in which a stamp in place or a writable server was cut off")
    .argument("<file...>", "stampable images, artifacts or raw images")
    .action(async (paths: string[]) => {
      const { repair } = await import("./commands/repair.ts");
      await repair(paths, reporter);
    });
}
