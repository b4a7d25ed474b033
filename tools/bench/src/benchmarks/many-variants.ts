import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { mebibytesText, numberText, timeText } from "../quantity.ts";
import type { Site } from "../site.ts";

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
    const rows = [
      await measureRow(site, "from nothing: edits, base compressed, no digests", bare),
      await measureRow(site, "stamps alone, no digests", bare, output),
      await measureRow(
        site,
        "stamps alone, SHA-256 of each artifact and of each raw image",
        digested,
        output,
      ),
      await measureRow(site, "once more, with nothing to do", digested),
    ];
    rmSync(join(site.folder, output), { recursive: true });
    return {
      text: markdownTable(["what", "command", ">CPU s", ">wall s", ">wall a variant", ">memory"], rows),
      verdicts: [],
    };
  },
};

/** @param clear the output directory whose artifacts are removed first. */
async function measureRow(site: Site, what: string, command: string, clear?: string): Promise<string[]> {
  if (clear !== undefined) {
    const folder = join(site.folder, clear);
    for (const name of readdirSync(folder).filter((each) => each.endsWith(".gz"))) rmSync(join(folder, name));
  }
  const { cpuSeconds, wallSeconds, peakBytes } = await site.measure(command, []);
  return [
    what,
    `\`${command}\``,
    numberText(cpuSeconds),
    numberText(wallSeconds),
    timeText(wallSeconds / count),
    mebibytesText(peakBytes),
  ];
}
