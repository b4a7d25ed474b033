import { findTool } from "@bootstamp/witnesses";
import type { Benchmark, Findings } from "../benchmark.ts";
import { editByHand } from "../edit-by-hand.ts";
import { markdownTable } from "../markdown-table.ts";
import { makeOtherImage, small } from "../other-image.ts";
import { bytesText, mebibytesText, numberText, ratioText } from "../quantity.ts";
import { runRounds } from "../rounds.ts";
import type { Site } from "../site.ts";
import { editedVariant, writePlainSpecFor } from "../specs.ts";
import { typicalUsage, type TypicalUsage } from "../usage.ts";

/** A stampable file in which nothing is stored, and the ways to one with two edited files in it. */
interface Race {
  readonly extension: string;
  readonly image: RacedImage;
  /** The level that both of ours pack with, as options of `prepare`. */
  readonly level: string;
  readonly unpack: string;
  /** Compresses IMAGE. */
  readonly pack: string;
  readonly limits: { readonly rounds: number; readonly seconds: number };
}

/** Names without their ending. */
interface RacedImage {
  readonly name: string;
  /** The spec of the image as it is. */
  readonly plain: string;
  /** The spec of the edited variant. */
  readonly edited: string;
}

const base: RacedImage = { name: "base", plain: "plain", edited: "touched" };
const other: RacedImage = { name: small.name, plain: "small-plain", edited: small.name };
const races: readonly Race[] = [
  {
    extension: ".gz",
    image: base,
    level: "",
    unpack: "gzip -dc",
    pack: "pigz -p2 -6 -c IMAGE",
    limits: { rounds: 3, seconds: 120 },
  },
  {
    extension: ".zst",
    image: base,
    level: " --level 3",
    unpack: "zstd -qdc",
    pack: "zstd -q -T2 -3 -c IMAGE",
    limits: { rounds: 3, seconds: 60 },
  },
  {
    extension: ".xz",
    image: other,
    level: " --level 6",
    unpack: "xz -T2 -dc",
    pack: "xz -T2 -6 -c IMAGE",
    limits: { rounds: 1, seconds: 0 },
  },
];

/** An edit of what is not stored, beside compressing the whole image again. */
export const splicing: Benchmark = {
  name: "splice",
  title: "An edit where nothing is stored",
  run: async (site) => {
    const findings: Findings[] = [];
    for (const race of races) findings.push(await runRace(race, site));
    return {
      text: `Two small files in the boot partition are edited, and nothing of it is stored in the compressed file: whole programs, with their start.\n\n${findings.map(({ text }) => text).join("\n\n")}`,
      verdicts: findings.flatMap(({ verdicts }) => verdicts),
    };
  },
};

async function runRace(race: Race, site: Site): Promise<Findings> {
  const { extension, image, level, limits } = race;
  const missing = [race.unpack, race.pack].map(programOf).filter((tool) => findTool(tool) === undefined);
  const editable = image === other ? await makeOtherImage(small, site) : site.base;
  if (editable === undefined || missing.length > 0) {
    return { text: `${extension} was not measured: image or programs cannot be had here`, verdicts: [] };
  }
  if (image === other) writePlainSpecFor(site.folder, other.plain, `${other.name}.img`);
  const stampable = `${image.plain}${extension}`;
  await site.measure(`bootstamp prepare ${image.plain}.yaml -o ${stampable}${level}`, [stampable]);
  const unedited = { ...editable, image: `${image.name}.img` };
  const output = `spliced${extension}`;
  const ways: readonly Way[] = [
    {
      what: "spliced",
      command: `bootstamp stamp ${stampable} --spec ${image.edited}.yaml --variant ${editedVariant} -o ${output}`,
    },
    {
      what: "all compressed again, of the raw image",
      command: `bootstamp prepare ${image.edited}.yaml -o ${output}${level}`,
    },
    {
      what: "by hand: unpacked, edited, compressed",
      command: `${race.unpack} ${stampable} > hand.img && ${await editByHand(site.folder, "hand.img", unedited)} && ${race.pack.replace("IMAGE", "hand.img")} > ${output}`,
    },
  ];
  return await measureWays(site, ways, { extension, output, limits });
}

interface Way {
  readonly what: string;
  readonly command: string;
}

interface WaysOptions extends Pick<Race, "extension" | "limits"> {
  readonly output: string;
}

/** The first way is what the others are held against. */
async function measureWays(
  site: Site,
  ways: readonly Way[],
  { extension, output, limits }: WaysOptions,
): Promise<Findings> {
  const lengths = new Map<string, number>();
  const contenders = ways.map(({ what, command }) => ({
    name: what,
    measure: async () => {
      const usage = await site.measure(command, [output, "hand.img"]);
      lengths.set(what, site.lengthOf(output));
      return usage;
    },
  }));
  const measured = await runRounds(contenders, limits);
  const results = ways.map((way): [Way, TypicalUsage] => [way, typicalUsage(measured.get(way.what) ?? [])]);
  const spliced = results[0]?.[1];
  if (spliced === undefined) throw new Error("internal error: nothing measured");
  const rows = results.map(([{ what, command }, usage]) => [
    what,
    `\`${command}\``,
    numberText(usage.cpuSeconds),
    ratioText(usage.cpuSeconds, spliced.cpuSeconds),
    numberText(usage.wallSeconds),
    ratioText(usage.wallSeconds, spliced.wallSeconds),
    bytesText(lengths.get(what) ?? 0),
    mebibytesText(usage.peakBytes),
    String(usage.runs),
  ]);
  const titles = [
    "way",
    "command",
    ">CPU s",
    ">times a splice",
    ">wall s",
    ">times a splice",
    ">bytes",
    ">memory",
    ">runs",
  ];
  return { text: `### ${extension}\n\n${markdownTable(titles, rows)}`, verdicts: [] };
}

function programOf(command: string): string {
  return command.split(" ")[0] ?? "";
}
