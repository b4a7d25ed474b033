import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lengthOf, writeSpec, type BenchSite } from "./bench-site.ts";
import { markdownTable, mebibytes, percent, ratio, seconds } from "./markdown.ts";
import { compare, type Contender, type Result } from "./measured-run.ts";

/** One format's way to be measured: what it is held against (the first is the yardstick), and our settings. */
export interface CompressionRace {
  readonly format: string;
  readonly rounds: number;
  readonly others: readonly (readonly string[])[];
  readonly ours: readonly { readonly engine?: string; readonly level?: number }[];
}

export const races: readonly CompressionRace[] = [
  {
    format: "gz",
    rounds: 3,
    others: [
      ["pigz", "-p2", "-6", "-c"],
      ["gzip", "-6", "-c"],
      ["bgzip", "-@2", "-c"],
      ["libdeflate-gzip", "-6", "-c"],
    ],
    ours: [{}, { engine: "zlib" }],
  },
  {
    format: "zst",
    rounds: 3,
    others: [["zstd", "-q", "-T2", "-3", "-c"]],
    ours: [{ level: 3 }],
  },
];

/** Compresses the image with others' tools and with ours, in turn; returns a section of the report. */
export async function benchCompression(site: BenchSite, race: CompressionRace): Promise<string> {
  const output = join(site.folder, "packed");
  const others = race.others.map((words): Contender => {
    const command = [...words, site.image.path];
    return {
      name: words.slice(0, -1).join(" "),
      command,
      output,
      shown: `${words.join(" ")} disk.img > out`,
    };
  });
  const sizes = new Map<string, number>();
  const results: Result[] = [];
  const ours = race.ours.map((choice) => ourContender(site, race.format, choice));
  for (const result of await compare([...others, ...ours.map(({ contender }) => contender)], race.rounds)) {
    results.push(result);
  }
  // Sizes do not vary: one more run of each of the others, unmeasured, leaves its output behind.
  for (const contender of others) {
    await compare([contender], 1);
    sizes.set(contender.name, lengthOf(output));
  }
  for (const { contender, directory } of ours)
    sizes.set(contender.name, pressedLength(directory, race.format));
  rmSync(output, { force: true });
  return section(site, race, results, sizes);
}

function ourContender(site: BenchSite, format: string, choice: { engine?: string; level?: number }) {
  const name = `bootstamp ${format} ${[choice.engine ?? "default", choice.level ?? ""].join(" ").trim()}`;
  const directory = join(site.folder, `press-${name.replaceAll(" ", "-")}`);
  const spec = writeSpec(site, {
    name: `press-${name.replaceAll(" ", "-")}`,
    image: site.image.path,
    formats: [format],
    compression: { [format]: choice },
    directory,
  });
  const output = join(directory, `base.${format}`);
  const contender: Contender = {
    name,
    command: [...site.bootstamp, "prepare", spec, "-o", output],
    shown: `bootstamp prepare spec.yaml -o base.${format}`,
    before: () => {
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory, { recursive: true });
    },
  };
  return { contender, directory };
}

function pressedLength(directory: string, format: string): number {
  const name = readdirSync(directory).find((each) => each === `base.${format}`);
  if (name === undefined) throw new Error(`no stampable image in ${directory}`);
  return lengthOf(join(directory, name));
}

function section(
  site: BenchSite,
  race: CompressionRace,
  results: readonly Result[],
  sizes: ReadonlyMap<string, number>,
): string {
  const [yardstick] = results;
  if (yardstick === undefined) return "";
  const size = (result: Result): number => sizes.get(result.contender.name) ?? 0;
  const rows = results.map((result) => [
    `\`${result.contender.shown ?? result.contender.name}\`${result.contender.name.startsWith("bootstamp") ? ` (${result.contender.name})` : ""}`,
    seconds(result.cpu),
    ratio(result.cpu, yardstick.cpu),
    seconds(result.wall),
    ratio(result.wall, yardstick.wall),
    mebibytes(size(result)),
    percent(size(result), size(yardstick)),
    mebibytes(result.rss),
  ]);
  const titles = ["command", "CPU", "CPU ratio", "wall", "wall ratio", "size", "size ratio", "peak RSS"];
  return `## Base compression, .${race.format}

A Debian image of ${mebibytes(site.image.length)} (recipe \`debian-grub\`), ${race.rounds} rounds, medians; ratios are to the first line.
Reproduce: \`npm run bench -- compression-${race.format}\`.

${markdownTable(titles, rows)}
`;
}
