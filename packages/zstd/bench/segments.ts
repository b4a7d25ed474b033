// CPU seconds and size by level and segment length beside `zstd -T2`, on one file, in interleaved rounds.
//
//   node --conditions=@bootstamp/source bench/segments.ts FILE [LEVEL] [ROUNDS] [MIB,MIB,...]
import { execFileSync } from "node:child_process";
import { FileSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { zstd } from "@bootstamp/zstd";

interface Measured {
  readonly seconds: number;
  readonly length: number;
}

interface Contestant {
  readonly name: string;
  run(): Promise<Measured>;
}

const [path = "", level = "3", rounds = "3", lengths = "1,4,8,16"] = process.argv.slice(2);
const reference = `zstd -T2 -${level}`;
const contestants = [program(), ...lengths.split(",").map((mebibytes) => ours(Number(mebibytes)))];

const results = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]));
for (let round = 0; round < Number(rounds); round++) {
  for (const contestant of contestants) results.get(contestant.name)?.push(await contestant.run());
}
const compared = median(results.get(reference));
console.log(`${path}: median of ${rounds} rounds`);
for (const [name, measured] of results) {
  const { seconds, length } = median(measured);
  const columns = [
    name.padEnd(24),
    `${seconds.toFixed(2)} CPU s`,
    `${(seconds / compared.seconds).toFixed(3)} of its CPU`,
    `${length} bytes`,
    `${(length / compared.length).toFixed(4)} of its size`,
  ];
  console.log(columns.join("  "));
}

function program(): Contestant {
  return {
    name: reference,
    run: async () => {
      const out = `/tmp/zstd-bench-${process.pid}`;
      // The second line of `times` is what the shell's children used.
      const script = `zstd -q -f --ultra -T2 -${level} "$1" -o "$2"; times; stat -c %s "$2"; rm "$2"`;
      const printed = execFileSync("bash", ["-c", script, "bash", path, out], { encoding: "utf8" });
      const seconds = [...printed.matchAll(/(\d+)m([\d.]+)s/g)].slice(2);
      return {
        seconds: seconds.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0),
        length: Number(printed.trim().split("\n").at(-1)),
      };
    },
  };
}

/** All that a press does but for writing: reading, looking for zeros, packing, and the CRC-32. */
function ours(mebibytes: number): Contestant {
  const settings = zstd.settle({ level: Number(level), segmentLength: mebibytes << 20 });
  return {
    name: `${mebibytes} MiB segments`,
    run: async () => {
      const before = process.cpuUsage();
      const source = FileSource.open(path);
      const plan = zstd.plan(source.length, [], settings);
      const encoder = await zstd.createEncoder(settings);
      const frame = zstd.openFrame(plan, settings);
      const buffer = new Uint8Array(plan.largestPiece);
      let length = 0;
      for (const piece of plan.pieces()) {
        const raw = buffer.subarray(0, piece.rawLength);
        source.readSync(piece.rawOffset, raw);
        const zero = raw[0] === 0 && Buffer.compare(raw.subarray(1), raw.subarray(0, -1)) === 0;
        const { bytes, kind, note } = await (zero ? encoder.zeros(raw.length) : encoder.compress(raw));
        const rawCrc32 = zero ? crc32.zeros(raw.length) : crc32.of(raw);
        frame.add({ piece, kind, packedLength: bytes.length, rawCrc32, note });
        length += bytes.length;
      }
      source.close();
      const { user, system } = process.cpuUsage(before);
      return { seconds: (user + system) / 1e6, length: length + frame.finish().tail.length };
    },
  };
}

function median(measured: readonly Measured[] = []): Measured {
  const sorted = measured.toSorted((a, b) => a.seconds - b.seconds);
  return sorted[Math.floor(sorted.length / 2)] ?? { seconds: Number.NaN, length: Number.NaN };
}
