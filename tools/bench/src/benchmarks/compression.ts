import { findTool } from "@bootstamp/witnesses";
import type { Benchmark, Findings, Verdict } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { makeOtherImage, roomy, small, type OtherImage } from "../other-image.ts";
import { bytesText, changeText, mebibytesText, numberText, ratioText } from "../quantity.ts";
import { runRounds, type Contender } from "../rounds.ts";
import type { Site } from "../site.ts";
import { typicalUsage, type TypicalUsage, type Usage } from "../usage.ts";

/** A program that compresses base.img to OUT. */
interface Compressor {
  readonly command: string;
  readonly once?: boolean;
  /** Ours, as a build uses it unless the spec says otherwise. */
  readonly ours?: boolean;
}

/** Programs that make the same format; the first is what the others are held against. */
interface Race {
  readonly format: string;
  /** On another image than base.img. */
  readonly image?: OtherImage;
  /** What a budget that depends on it is called. */
  readonly budget?: string;
  readonly limits: { readonly rounds: number; readonly seconds: number };
  readonly compressors: readonly [Compressor, ...Compressor[]];
}

/** A format that is added gets a race here. */
const races: readonly Race[] = [
  {
    format: "gz",
    budget: "",
    limits: { rounds: 3, seconds: 150 },
    compressors: [
      { command: "pigz -p2 -6 -c base.img > OUT" },
      { command: "gzip -6 -c base.img > OUT", once: true },
      { command: "bgzip -@2 -c base.img > OUT" },
      { command: "libdeflate-gzip -6 -c base.img > OUT" },
      { command: "bootstamp prepare touched.yaml -o OUT", ours: true },
      { command: "bootstamp prepare touched.yaml -o OUT --engine libdeflate" },
      { command: "bootstamp prepare touched.yaml -o OUT --engine zlib", once: true },
      { command: "bootstamp prepare touched.yaml -o OUT --engine pako", once: true },
    ],
  },
  {
    format: "gz",
    image: roomy,
    budget: ", disk of 3 GiB",
    limits: { rounds: 2, seconds: 100 },
    compressors: [
      { command: "pigz -p2 -6 -c roomy.img > OUT" },
      { command: "bootstamp prepare roomy.yaml -o OUT", ours: true },
    ],
  },
  {
    format: "zst",
    limits: { rounds: 3, seconds: 40 },
    compressors: [
      { command: "zstd -q -T2 -3 -c base.img > OUT" },
      { command: "bootstamp prepare touched.yaml -o OUT --level 3", ours: true },
    ],
  },
  {
    format: "xz",
    image: small,
    limits: { rounds: 1, seconds: 0 },
    compressors: [
      { command: "xz -T2 -6 -c small.img > OUT" },
      { command: "bootstamp prepare small.yaml -o OUT --level 6", ours: true },
    ],
  },
];

/** Compressing a base once, beside what people use for it. */
export const compression: Benchmark = {
  name: "compression",
  title: "Compressing the base",
  run: async (site) => {
    const findings: Findings[] = [];
    for (const race of races) findings.push(await runRace(race, site));
    return {
      text: findings.map(({ text }) => text).join("\n\n"),
      verdicts: findings.flatMap(({ verdicts }) => verdicts),
    };
  },
};

interface Compressed {
  readonly usage: Usage;
  readonly length: number;
}

async function runRace(race: Race, site: Site): Promise<Findings> {
  const { format, limits, compressors, image, budget } = race;
  if (image !== undefined && (await makeOtherImage(image, site)) === undefined) {
    return { text: `.${format} was not measured: its image cannot be built here`, verdicts: [] };
  }
  const output = `out.${format}`;
  const present = compressors.filter(isPresent);
  const contenders = present.map(({ command, once = false }): Contender<Compressed> => {
    const actual = command.replace("OUT", output);
    const measure = async (): Promise<Compressed> => ({
      usage: await site.measure(actual, [output]),
      length: site.lengthOf(output),
    });
    return { name: command, once, measure };
  });
  const measured = await runRounds(contenders, limits);
  // oxlint-disable-next-line oxc/no-map-spread -- a handful of rows
  const results = present.map(({ command }) => resultOf(command, measured.get(command) ?? []));
  const [reference] = results;
  const ours = results.find(({ command }) => command === present.find((each) => each.ours === true)?.command);
  if (reference?.command !== compressors[0].command || ours === undefined) {
    return { text: `.${format} was not measured: it takes ${programOf(compressors[0])}`, verdicts: [] };
  }
  const verdicts = budget === undefined ? [] : verdictsOf(ours, reference, budget);
  const title = image === undefined ? `.${format}` : `.${format}, of ${image.title}`;
  return { text: `### ${title}\n\n${raceTable(results, reference, output)}`, verdicts };
}

/** Ours is always there. */
function isPresent(compressor: Compressor): boolean {
  const program = programOf(compressor);
  return program === "bootstamp" || findTool(program) !== undefined;
}

function programOf({ command }: Compressor): string {
  return command.split(" ")[0] ?? "";
}

interface Result extends TypicalUsage {
  readonly command: string;
  readonly length: number;
}

function resultOf(command: string, runs: readonly Compressed[]): Result {
  const typical = typicalUsage(runs.map(({ usage }) => usage));
  return { ...typical, command, length: runs[0]?.length ?? 0 };
}

function raceTable(results: readonly Result[], reference: Result, output: string): string {
  const rows = results.map((result) => [
    `\`${result.command.replace("OUT", output)}\``,
    numberText(result.cpuSeconds),
    ratioText(result.cpuSeconds, reference.cpuSeconds),
    numberText(result.wallSeconds),
    ratioText(result.wallSeconds, reference.wallSeconds),
    bytesText(result.length),
    changeText(result.length, reference.length),
    mebibytesText(result.peakBytes),
    String(result.runs),
    `${(result.cpuSpread * 100).toFixed(0)} %`,
  ]);
  const titles = [
    "command",
    ">CPU s",
    ">ratio",
    ">wall s",
    ">ratio",
    ">bytes",
    ">size",
    ">memory",
    ">runs",
    ">CPU spread",
  ];
  return markdownTable(titles, rows);
}

function verdictsOf(ours: Result, reference: Result, budget: string): Verdict[] {
  const ratio = ours.cpuSeconds / reference.cpuSeconds;
  return [
    {
      what: `base compression${budget}: CPU seconds against \`pigz -6\``,
      target: "0.50 at most, goal 0.33",
      measured: ratio.toFixed(2),
      met: ratio <= 0.5,
    },
    {
      what: `base compression${budget}: size against \`pigz -6\``,
      target: "never larger",
      measured: changeText(ours.length, reference.length),
      met: ours.length <= reference.length,
    },
  ];
}
