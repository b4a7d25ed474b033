// CPU seconds and size of each engine beside `pigz -p1 -6`, on one file, in interleaved rounds.
//
//   node --conditions=@bootstamp/source bench/engines.ts FILE [ROUNDS]
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { gzip } from "@bootstamp/gzip";
import { deflate } from "libdeflate";

interface Measured {
  readonly seconds: number;
  readonly length: number;
}

interface Contestant {
  readonly name: string;
  run(): Promise<Measured>;
}

const pieceLength = 1 << 20;
const [path = "", rounds = "5"] = process.argv.slice(2);
const raw = readFileSync(path);
const contestants = [
  pigz(),
  bareLibdeflate(5),
  ...[1, 5, 6, 9].map((level) => ours("bootstamp", level)),
  ours("libdeflate", 5),
  ours("zlib", 6),
];

const results = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]));
for (let round = 0; round < Number(rounds); round++) {
  for (const contestant of contestants) results.get(contestant.name)?.push(await contestant.run());
}
const reference = median(results.get("pigz -p1 -6") ?? []);
console.log(`${path}: ${raw.length} bytes, median of ${rounds} rounds`);
for (const [name, measured] of results) {
  const { seconds, length } = median(measured);
  const columns = [
    name.padEnd(24),
    `${seconds.toFixed(2)} s`,
    `${(seconds / reference.seconds).toFixed(3)} of pigz's CPU`,
    `${length} bytes`,
    `${(length / reference.length).toFixed(4)} of pigz's size`,
  ];
  console.log(columns.join("  "));
}

function pigz(): Contestant {
  return {
    name: "pigz -p1 -6",
    run: async () => {
      const out = `/tmp/pigz-bench-${process.pid}`;
      // The second line of `times` is what the shell's children used.
      const script = `pigz -p1 -6 -c "$1" > "$2"; times; stat -c %s "$2"; rm "$2"`;
      const printed = execFileSync("bash", ["-c", script, "bash", path, out], { encoding: "utf8" });
      const seconds = [...printed.matchAll(/(\d+)m([\d.]+)s/g)].slice(2);
      return {
        seconds: seconds.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0),
        length: Number(printed.trim().split("\n").at(-1)),
      };
    },
  };
}

/** The engine without what it takes to make its streams joinable. */
function bareLibdeflate(level: number): Contestant {
  return { name: `libdeflate ${level}, bare`, run: () => measure(async (piece) => deflate(piece, level)) };
}

function ours(engine: string, level: number): Contestant {
  return {
    name: `${engine} ${level}`,
    run: async () => {
      const encoder = await gzip.createEncoder(gzip.settle({ engine, level }));
      return await measure(async (piece) => (await encoder.compress(piece)).bytes);
    },
  };
}

async function measure(pack: (piece: Uint8Array) => Promise<Uint8Array>): Promise<Measured> {
  const before = process.cpuUsage();
  let length = 0;
  for (let offset = 0; offset < raw.length; offset += pieceLength) {
    length += (await pack(raw.subarray(offset, offset + pieceLength))).length;
  }
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, length };
}

function median(measured: readonly Measured[]): Measured {
  const sorted = measured.toSorted((a, b) => a.seconds - b.seconds);
  return sorted[Math.floor(sorted.length / 2)] ?? { seconds: Number.NaN, length: statSync(path).size };
}
