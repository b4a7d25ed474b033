import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { mebibytesText, numberText, ratioText, timeText } from "../quantity.ts";
import type { Site } from "../site.ts";
import type { Usage } from "../usage.ts";

const count = 100;

/** A hundred variants in one build. */
export const manyVariants: Benchmark = {
  name: "many",
  title: `${count} variants in one build`,
  run: async (site) => {
    const { reflinkFolder } = site;
    if (reflinkFolder === undefined) {
      return { text: "not measured: where blocks cannot be shared it would fill the disk", verdicts: [] };
    }
    const output = `${reflinkFolder}/out`;
    const bare = `bootstamp build hundred-undigested.yaml -o ${output}`;
    const digested = `bootstamp build hundred.yaml -o ${output}`;
    const laps = [
      await measureLap(site, "from nothing: edits, base compressed, no digests", bare),
      await measureLap(site, "stamps alone, no digests", bare, output),
      await measureLap(
        site,
        "stamps alone, SHA-256 of each artifact and of each raw image",
        digested,
        output,
      ),
      await measureLap(site, "once more, with nothing to do", digested),
    ];
    const reference = laps[0]?.usage.wallSeconds ?? Number.NaN;
    rmSync(join(site.folder, output), { recursive: true });
    return {
      text: markdownTable(
        ["what", "command", ">CPU s", ">wall s", ">ratio", ">wall a variant", ">memory"],
        laps.map((lap) => rowOf(lap, reference)),
      ),
      verdicts: [],
    };
  },
};

interface Lap {
  readonly what: string;
  readonly command: string;
  readonly usage: Usage;
}

/** @param clear the output directory whose artifacts are removed first. */
async function measureLap(site: Site, what: string, command: string, clear?: string): Promise<Lap> {
  if (clear !== undefined) {
    const folder = join(site.folder, clear);
    for (const name of readdirSync(folder).filter((each) => each.endsWith(".gz"))) rmSync(join(folder, name));
  }
  return { what, command, usage: await site.measure(command, []) };
}

/** @param reference the wall time that is 1. */
function rowOf({ what, command, usage }: Lap, reference: number): string[] {
  const { cpuSeconds, wallSeconds, peakBytes } = usage;
  return [
    what,
    `\`${command}\``,
    numberText(cpuSeconds),
    numberText(wallSeconds),
    ratioText(wallSeconds, reference),
    timeText(wallSeconds / count),
    mebibytesText(peakBytes),
  ];
}
