import type { Benchmark } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { bytesText, changeText } from "../quantity.ts";

/** What it adds to the compressed file that some of it is not compressed. */
export const storedSize: Benchmark = {
  name: "stored",
  title: "Size added by what is stored",
  run: async (site) => {
    const plain = site.lengthOf(await site.stampable("plain"));
    const touched = site.lengthOf(await site.stampable("touched"));
    const whole = site.lengthOf(await site.stampable("whole"));
    const row = (what: string, command: string, length: number): string[] => [
      what,
      `\`bootstamp prepare ${command}.yaml -o ${command}.gz\``,
      bytesText(length),
      bytesText(length - plain),
      changeText(length, plain),
    ];
    const added = touched / plain - 1;
    return {
      text: markdownTable(
        ["stored", "command", ">bytes", ">added", ">size"],
        [
          row("nothing", "plain", plain),
          row("`touched`: the blocks of two small edited files", "touched", touched),
          row("`whole`: all of the boot partition", "whole", whole),
        ],
      ),
      verdicts: [
        {
          what: "size added by `store: touched`",
          target: "under 0.5 %",
          measured: changeText(touched, plain),
          met: added < 0.005,
        },
      ],
    };
  },
};
