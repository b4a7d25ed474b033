import { findTool } from "@bootstamp/witnesses";
import type { Benchmark, Findings, Verdict } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { mebibytesText, numberText, ratioText } from "../quantity.ts";
import { runRounds } from "../rounds.ts";
import type { Site } from "../site.ts";
import { typicalUsage, type TypicalUsage } from "../usage.ts";

/** Programs that unpack one and the same file; the first is what the others are held against. */
interface Race {
  readonly extension: ".gz" | ".xz" | ".zst";
  /** Unpack PACKED to `unpacked.img`. */
  readonly commands: readonly [string, ...string[]];
  /** How many times as fast as the first ours has to be. */
  readonly budget?: number;
}

const ours = "bootstamp unpack PACKED -o unpacked.img";

const races: readonly Race[] = [
  {
    extension: ".gz",
    commands: [
      "gzip -dc PACKED > unpacked.img",
      "pigz -dc PACKED > unpacked.img",
      "igzip -dc PACKED > unpacked.img",
      ours,
    ],
    budget: 1.8,
  },
  {
    extension: ".xz",
    commands: ["xz -T2 -dc PACKED > unpacked.img", "pixz -d -p 2 PACKED unpacked.img", ours],
  },
  { extension: ".zst", commands: ["zstd -qdc PACKED > unpacked.img", ours] },
];

/** Unpacking a whole image into a file, beside what people use for it. */
export const unpacking: Benchmark = {
  name: "unpack",
  title: "Unpacking",
  run: async (site) => {
    const findings: Findings[] = [];
    for (const race of races) findings.push(await runRace(race, site));
    return {
      text: `The stampable files of base.img, the .xz of level 1, each read by all from the page cache; \`bootstamp\` compares all checksums, leaves holes for zeros and syncs the file.\n\n${findings.map(({ text }) => text).join("\n\n")}`,
      verdicts: findings.flatMap(({ verdicts }) => verdicts),
    };
  },
};

async function runRace({ extension, commands, budget }: Race, site: Site): Promise<Findings> {
  const packed = await site.stampable("touched", extension);
  const present = commands
    .filter((command) => command === ours || findTool(command.split(" ")[0] ?? "") !== undefined)
    .map((command) => command.replace("PACKED", packed));
  const contenders = present.map((command) => {
    return { name: command, measure: async () => await site.measure(command, ["unpacked.img"]) };
  });
  const measured = await runRounds(contenders, { rounds: 3, seconds: 60 });
  const results = present.map((command): [string, TypicalUsage] => {
    return [command, typicalUsage(measured.get(command) ?? [])];
  });
  const [reference] = results;
  const own = results.at(-1);
  if (reference === undefined || own === undefined) throw new Error("internal error: nothing measured");
  const rows = results.map(([command, usage]) => [
    `\`${command}\``,
    numberText(usage.cpuSeconds),
    numberText(usage.wallSeconds),
    ratioText(reference[1].wallSeconds, usage.wallSeconds),
    mebibytesText(usage.peakBytes),
    String(usage.runs),
  ]);
  const titles = ["command", ">CPU s", ">wall s", ">times as fast", ">memory", ">runs"];
  const verdicts = budget === undefined ? [] : [verdictOf(own[1], reference[1], budget)];
  return { text: `### ${extension}\n\n${markdownTable(titles, rows)}`, verdicts };
}

function verdictOf(own: TypicalUsage, reference: TypicalUsage, budget: number): Verdict {
  const ratio = reference.wallSeconds / own.wallSeconds;
  return {
    what: "unpacking a .gz, against `gzip -d`, on two cores",
    target: `${budget.toFixed(1)} times as fast`,
    measured: ratio.toFixed(2),
    met: ratio >= budget,
  };
}
