import { createHash } from "node:crypto";
import { join } from "node:path";
import type { FileSource } from "@bootstamp/byte-source";
import { openDigester } from "@bootstamp/stamp";
import type { Benchmark } from "../benchmark.ts";
import { measureLap } from "../lap.ts";
import { markdownTable } from "../markdown-table.ts";
import { numberText, ratioText, timeText } from "../quantity.ts";
import { runRounds } from "../rounds.ts";
import { openPatchable } from "../sample-patch.ts";
import { typicalUsage, type TypicalUsage } from "../usage.ts";

/** SHA-256 of artifacts, which is most of what a stamp with digests costs. */
export const digests: Benchmark = {
  name: "digests",
  title: "SHA-256 of an artifact",
  run: async (site) => {
    const { source, writes } = await openPatchable(join(site.folder, await site.stampable("touched")));
    const digester = openDigester({ threads: 2 });
    const digest = async (): Promise<string> => await digester.digest({ file: source, overwrites: writes });
    const ways = {
      "node:crypto over the file, one thread": () => hashByHand(source),
      "the digester, one variant": digest,
      "the digester, two variants at once": () => Promise.all([digest(), digest()]),
    };
    site.say("digests");
    const contenders = Object.entries(ways).map(([name, work]) => ({
      name,
      measure: () => measureLap(work),
    }));
    const measured = await runRounds(contenders, { rounds: 9, seconds: 20 }).finally(async () => {
      await digester.close();
      source.close();
    });
    const typical = Object.keys(ways).map((name) => typicalUsage(measured.get(name) ?? []));
    const [byHand, one, two] = typical;
    if (byHand === undefined || one === undefined || two === undefined)
      throw new Error("internal error: three ways");
    const rows = Object.keys(ways).map((name, index) => rowOf(name, typical[index] ?? byHand, byHand));
    const speed = source.length / 1e6 / byHand.wallSeconds;
    const table = markdownTable(["way", ">wall", ">ratio", ">CPU", ">runs"], rows);
    return {
      text: `${table}\n\nnode:crypto reads and hashes ${numberText(speed)} MB/s here.`,
      verdicts: [
        {
          what: "SHA-256 of one artifact, against node:crypto over the file",
          target: "1.10 at most",
          measured: ratioText(one.wallSeconds, byHand.wallSeconds),
          met: one.wallSeconds <= 1.1 * byHand.wallSeconds,
        },
        {
          what: "SHA-256 of two artifacts at once, against one, on two cores",
          target: "1.25 at most",
          measured: ratioText(two.wallSeconds, one.wallSeconds),
          met: two.wallSeconds <= 1.25 * one.wallSeconds,
        },
      ],
    };
  },
};

function rowOf(name: string, usage: TypicalUsage, reference: TypicalUsage): string[] {
  const { wallSeconds, cpuSeconds, runs } = usage;
  return [
    name,
    timeText(wallSeconds),
    ratioText(wallSeconds, reference.wallSeconds),
    timeText(cpuSeconds),
    String(runs),
  ];
}

const windowLength = 256 << 10;

function hashByHand(source: FileSource): string {
  const hash = createHash("sha256");
  const window = new Uint8Array(windowLength);
  for (let at = 0; at < source.length; at += windowLength) {
    const bytes = window.subarray(0, source.length - at);
    source.readSync(at, bytes);
    hash.update(bytes);
  }
  return hash.digest("hex");
}
