import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark, Verdict } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { bytesText, mebibytesText, numberText, ratioText, timeText } from "../quantity.ts";
import { makeOtherImage, roomy } from "../other-image.ts";
import type { Site } from "../site.ts";
import { editedVariant, writeThousandFor } from "../specs.ts";
import type { Usage } from "../usage.ts";

const count = 1000;

/** A thousand variants, as artifacts and as stamps; what a stamp comes to, and what it costs to put it in. */
export const manyStamps: Benchmark = {
  name: "stamps",
  title: `${count} variants, and stamps as files`,
  run: async (site) => {
    const { reflinkFolder } = site;
    if (reflinkFolder === undefined) {
      return { text: "not measured: where blocks cannot be shared it would fill the disk", verdicts: [] };
    }
    const races = [await race({ image: "base.img", spec: "thousand" }, reflinkFolder, site)];
    if ((await makeOtherImage(roomy, site)) !== undefined) {
      const spec = `${roomy.name}-thousand`;
      writeThousandFor(site.folder, spec, `${roomy.name}.img`);
      races.push(await race({ image: `${roomy.name}.img`, spec }, reflinkFolder, site));
    }
    const columns = ["what", "command", ">CPU s", ">wall s", ">against pigz", ">wall a variant", ">memory"];
    const tables = races.map(({ rows }) => markdownTable(columns, rows));
    return {
      text: `Each once. \`${roomy.name}.img\` is ${roomy.title}.\n\n${tables.join("\n\n")}\n\n${await applyTable(site)}`,
      verdicts: races.map(({ verdict }) => verdict),
    };
  },
};

interface ThousandOf {
  readonly image: string;
  /** Of a thousand variants of the image, without its ending. */
  readonly spec: string;
}

interface Race {
  readonly rows: string[][];
  readonly verdict: Verdict;
}

/** A thousand variants of an image, beside the image compressed once. */
async function race({ image, spec }: ThousandOf, reflinkFolder: string, site: Site): Promise<Race> {
  const pigz = `pigz -p2 -6 -c ${image} > pigz.gz`;
  const plain = await site.measure(pigz, ["pigz.gz"]);
  const [whole, alone] = [`${reflinkFolder}/${spec}`, `${reflinkFolder}/${spec}-stamps`];
  const artifacts = `bootstamp build ${spec}.yaml -o ${whole}`;
  const built = await site.measure(artifacts, []);
  const stamps = `bootstamp build ${spec}.yaml --stamps-only -o ${alone}`;
  const rows = [
    row("the image once, by pigz", pigz, plain, plain),
    row("base compressed, and all artifacts", artifacts, built, plain),
    row("base compressed, and all stamps", stamps, await site.measure(stamps, []), plain),
    row("artifacts once more, nothing to do", artifacts, await site.measure(artifacts, []), plain),
  ];
  for (const folder of [whole, alone]) rmSync(join(site.folder, folder), { recursive: true });
  const ratio = built.wallSeconds / plain.wallSeconds;
  const what = `${count} variants of ${image} without whole-file digests, the base compressed too, against one \`pigz -p2\` of it: wall time`;
  return { rows, verdict: { what, target: "1 at most", measured: numberText(ratio), met: ratio <= 1 } };
}

function row(what: string, command: string, usage: Usage, plain: Usage): string[] {
  const { cpuSeconds, wallSeconds, peakBytes } = usage;
  return [
    what,
    `\`${command}\``,
    numberText(cpuSeconds),
    numberText(wallSeconds),
    ratioText(wallSeconds, plain.wallSeconds),
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
  return `A stamp of one kernel argument more in \`grub.cfg\` and one small new file, much as CoreOS has it for a platform, has ${length} bytes. Putting it in, as whole programs:\n\n${markdownTable(["command", ">CPU s", ">wall"], rows)}`;
}

/** Where blocks can be shared: the raw image, or a stampable one. */
async function baseOf(site: Site, ending: string): Promise<string> {
  const base = `${site.reflinkFolder}/base${ending === "" ? ".img" : ending}`;
  if (ending === "") await site.measure(`cp base.img ${base}`, [base]);
  // What it is stamped into does not depend on how well it is compressed.
  else await site.measure(`bootstamp prepare touched.yaml -o ${base} --level 1`, [base]);
  return base;
}
