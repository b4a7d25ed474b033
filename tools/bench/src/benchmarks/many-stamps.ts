import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { bytesText, mebibytesText, numberText, ratioText, timeText } from "../quantity.ts";
import type { Site } from "../site.ts";
import { editedVariant } from "../specs.ts";
import type { Usage } from "../usage.ts";

const count = 1000;
const pigz = "pigz -p2 -6 -c base.img > pigz.gz";

/** A thousand variants, as artifacts and as stamps; what a stamp comes to, and what it costs to put it in. */
export const manyStamps: Benchmark = {
  name: "stamps",
  title: `${count} variants, and stamps as files`,
  run: async (site) => {
    const { reflinkFolder } = site;
    if (reflinkFolder === undefined) {
      return { text: "not measured: where blocks cannot be shared it would fill the disk", verdicts: [] };
    }
    const plain = await site.measure(pigz, ["pigz.gz"]);
    const [whole, alone] = [`${reflinkFolder}/thousand`, `${reflinkFolder}/stamps`];
    const artifacts = `bootstamp build thousand.yaml -o ${whole}`;
    const built = await site.measure(artifacts, []);
    const stamps = `bootstamp build thousand.yaml --stamps-only -o ${alone}`;
    const rows = [
      row("the image once, by pigz", pigz, plain, plain),
      row("base compressed, and all artifacts", artifacts, built, plain),
      row("base compressed, and all stamps", stamps, await site.measure(stamps, []), plain),
      row("artifacts once more, nothing to do", artifacts, await site.measure(artifacts, []), plain),
    ];
    for (const folder of [whole, alone]) rmSync(join(site.folder, folder), { recursive: true });
    const columns = ["what", "command", ">CPU s", ">against pigz", ">wall s", ">wall a variant", ">memory"];
    const ratio = built.wallSeconds / plain.wallSeconds;
    return {
      text: `${markdownTable(columns, rows)}\n\n${await applyTable(site)}`,
      verdicts: [
        {
          what: `${count} variants without whole-file digests, the base compressed too, against one \`pigz -p2\` of the image: wall time`,
          target: "1 at most",
          measured: numberText(ratio),
          met: ratio <= 1,
        },
      ],
    };
  },
};

function row(what: string, command: string, usage: Usage, plain: Usage): string[] {
  const { cpuSeconds, wallSeconds, peakBytes } = usage;
  return [
    what,
    `\`${command}\``,
    numberText(cpuSeconds),
    ratioText(cpuSeconds, plain.cpuSeconds),
    numberText(wallSeconds),
    timeText(wallSeconds / count),
    mebibytesText(peakBytes),
  ];
}

/** The stamp of an edit of two small files, and what it costs to put it into the base of each format. */
async function applyTable(site: Site): Promise<string> {
  const folder = `${site.reflinkFolder}/edited`;
  const make = `bootstamp build touched.yaml --stamps-only -o ${folder}`;
  await site.measure(make, []);
  const stamp = `${folder}/${editedVariant}.stamp`;
  const rows: string[][] = [];
  for (const ending of ["", ".gz", ".xz", ".zst"]) {
    const base = await baseOf(site, ending);
    const output = `${folder}/applied${ending}`;
    const command = `bootstamp stamp ${base} ${stamp} -o ${output}`;
    const { cpuSeconds, wallSeconds } = await site.measure(command, [output]);
    rows.push([`\`${command}\``, numberText(cpuSeconds), timeText(wallSeconds)]);
  }
  const length = bytesText(site.lengthOf(stamp));
  rmSync(join(site.folder, folder), { recursive: true });
  return `A stamp that edits two small files has ${length} bytes. Putting it in, as whole programs:\n\n${markdownTable(["command", ">CPU s", ">wall"], rows)}`;
}

/** Where blocks can be shared: the raw image, or a stampable one. */
async function baseOf(site: Site, ending: string): Promise<string> {
  const base = `${site.reflinkFolder}/base${ending === "" ? ".img" : ending}`;
  if (ending === "") await site.measure(`cp base.img ${base}`, [base]);
  // What it is stamped into does not depend on how well it is compressed.
  else await site.measure(`bootstamp prepare touched.yaml -o ${base} --level 1`, [base]);
  return base;
}
