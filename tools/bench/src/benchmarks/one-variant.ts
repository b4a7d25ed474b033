import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark, Verdict } from "../benchmark.ts";
import { editByHand } from "../edit-by-hand.ts";
import { markdownTable } from "../markdown-table.ts";
import { numberText, ratioText, timeText, smallRatioText } from "../quantity.ts";
import { runRounds } from "../rounds.ts";
import { openPatchable } from "../sample-patch.ts";
import type { Site } from "../site.ts";
import { editedVariant } from "../specs.ts";
import { raceStamps, type StampWay } from "../stamp-race.ts";
import { typicalUsage, type TypicalUsage } from "../usage.ts";

/** One more variant, beside copying the file and beside what people do today. */
export const oneVariant: Benchmark = {
  name: "variant",
  title: "One more variant",
  run: async (site) => {
    const stampable = await site.stampable("touched");
    const commands = await raceCommands(site, stampable);
    const shared = await raceShared(site, stampable);
    site.say("stamps in one process, blocks copied");
    const copied = await raceStamps(join(site.folder, stampable), site.folder, false, {
      rounds: 9,
      seconds: 40,
    });
    const copies = stampTable(copied, "copy, write, fsync");
    return {
      text: [
        "Whole programs, with their start, with edits where they make any:",
        commands,
        "Inside one process, where blocks can be shared (XFS): medians of many stamps in turns.",
        shared?.text ?? "not measured: it takes root, `mkfs.xfs` and a loop device",
        "Inside one process, where they are copied:",
        copies.text,
      ].join("\n\n"),
      verdicts: [
        ...(shared === undefined
          ? []
          : [
              ratioVerdict(
                "one variant where blocks are shared, against clone + write + fsync by hand",
                shared.ratio,
                1.5,
              ),
            ]),
        ratioVerdict("one variant elsewhere, against copy + write + fsync by hand", copies.ratio, 1.1),
      ],
    };
  },
};

async function raceShared(site: Site, stampable: string): Promise<StampTable | undefined> {
  if (site.reflinkFolder === undefined) return undefined;
  site.say("stamps in one process, blocks shared");
  const folder = join(site.folder, site.reflinkFolder);
  const copy = join(folder, "base.gz");
  copyFileSync(join(site.folder, stampable), copy);
  const shared = await raceStamps(copy, folder, true, { rounds: 300, seconds: 30 });
  return stampTable(shared, "clone, write, fsync");
}

interface StampTable {
  readonly text: string;
  /** Of our wall time to that by hand. */
  readonly ratio: number;
}

function stampTable(usages: ReadonlyMap<StampWay, TypicalUsage>, byHand: string): StampTable {
  const titles: Record<StampWay, string> = {
    byHand: `${byHand}, by hand`,
    publishedByHand: "the same under another name, renamed, directory synced",
    stamp: "`stampFile`: all that, checksums worked out, read back before the rename",
    unreadStamp: "`stampFile` with `verify: false`",
  };
  const reference = usages.get("byHand")?.wallSeconds ?? Number.NaN;
  const rows = [...usages].map(([way, { wallSeconds, cpuSeconds, runs }]) => [
    titles[way],
    timeText(wallSeconds),
    ratioText(wallSeconds, reference),
    timeText(cpuSeconds),
    String(runs),
  ]);
  const ratio = (usages.get("stamp")?.wallSeconds ?? Number.NaN) / reference;
  return { text: markdownTable(["way", ">wall", ">ratio", ">CPU", ">runs"], rows), ratio };
}

function ratioVerdict(what: string, ratio: number, limit: number): Verdict {
  return { what, target: `${limit.toFixed(1)} at most`, measured: ratio.toFixed(2), met: ratio <= limit };
}

async function raceCommands(site: Site, stampable: string): Promise<string> {
  const commands = [
    ...(await todaysCommands(site)),
    `cp ${stampable} variant.gz && sync variant.gz`,
    ...(await sharingCommands(site, stampable)),
    `bootstamp stamp ${stampable} --spec touched.yaml --variant ${editedVariant} -o variant.gz`,
  ];
  const contenders = commands.map((command) => ({
    name: command,
    measure: async () => await site.measure(command, ["variant.gz", "variant.img", "xfs/variant.gz"]),
  }));
  const measured = await runRounds(contenders, { rounds: 3, seconds: 60 });
  const usages = commands.map((command) => typicalUsage(measured.get(command) ?? []));
  // Against what is done today.
  const reference = usages[0]?.wallSeconds ?? Number.NaN;
  const rows = usages.map(({ cpuSeconds, wallSeconds, runs }, index) => [
    `\`${commands[index]}\``,
    numberText(cpuSeconds),
    numberText(wallSeconds),
    smallRatioText(wallSeconds, reference),
    String(runs),
  ]);
  return markdownTable(["command", ">CPU s", ">wall s", ">ratio", ">runs"], rows);
}

/** Copy the raw image, put the edited files into it, compress it. */
async function todaysCommands({ folder, base }: Site): Promise<string[]> {
  const edit = await editByHand(folder, "variant.img", { ...base, image: "base.img" });
  return [`cp base.img variant.img && ${edit} && pigz -p2 -6 -c variant.img > variant.gz`];
}

/** The stamp as a shell script, for someone who knows what to write where. */
async function sharingCommands(site: Site, stampable: string): Promise<string[]> {
  if (site.reflinkFolder === undefined) return [];
  const { source, writes } = await openPatchable(join(site.folder, stampable));
  source.close();
  writeFileSync(join(site.folder, "patch.bin"), Buffer.concat(writes.map(({ bytes }) => bytes)));
  let done = 0;
  const lines = writes.map(({ offset, bytes }, index) => {
    const sync = index === writes.length - 1 ? ",fsync" : "";
    const line = `dd if=patch.bin of="$1" iflag=skip_bytes,count_bytes oflag=seek_bytes skip=${done} count=${bytes.length} seek=${offset} conv=notrunc${sync} status=none`;
    done += bytes.length;
    return line;
  });
  writeFileSync(join(site.folder, "patch.sh"), lines.map((line) => `${line}\n`).join(""));
  copyFileSync(join(site.folder, stampable), join(site.folder, site.reflinkFolder, "base.gz"));
  // patch.sh: one dd for each place that the patch changes, the last of them with fsync.
  return ["cp --reflink=always xfs/base.gz xfs/variant.gz && sh patch.sh xfs/variant.gz"];
}
