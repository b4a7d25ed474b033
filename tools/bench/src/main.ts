// Measures, side by side in one run, and writes docs/BENCHMARKS.md. With names as arguments only those are measured and
// printed, and the document stays as it is.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";
import { closeSite, openSite, type BenchSite } from "./bench-site.ts";
import { benchCompression, races } from "./compression.ts";
import { mebibytes } from "./markdown.ts";
import { benchImageSize, benchMany, benchStored, benchVariant } from "./variants.ts";

const benches: readonly { readonly name: string; readonly run: (site: BenchSite) => Promise<string> }[] = [
  ...races.map((race) => ({
    name: `compression-${race.format}`,
    run: async (site: BenchSite) => await benchCompression(site, race),
  })),
  { name: "stored", run: benchStored },
  { name: "variant", run: benchVariant },
  { name: "image-size", run: benchImageSize },
  { name: "many", run: benchMany },
];

const wanted = process.argv.slice(2);
const chosen = wanted.length === 0 ? benches : benches.filter(({ name }) => wanted.includes(name));
const site = await openSite();
try {
  const sections: string[] = [];
  for (const { name, run } of chosen) {
    process.stderr.write(`${name} `);
    const section = await run(site);
    process.stdout.write(`${section}\n`);
    sections.push(section);
  }
  if (wanted.length === 0) writeFileSync(documentPath(), [head(), ...sections].join("\n"));
} finally {
  closeSite(site);
}

function documentPath(): string {
  return join(import.meta.dirname, "../../../docs/BENCHMARKS.md");
}

function head(): string {
  const [cpu] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  return `# Benchmarks

Written by \`npm run bench\` on ${date}; nothing here is typed in by hand. Contenders run in turn, so that what disturbs
the machine disturbs all of them; read the ratios, not the seconds. CPU is user and system time of all processes.

Machine: ${cpu?.model ?? "unknown"}, ${availableParallelism()} cores, ${mebibytes(totalmem())}, Linux. Node ${process.version}, zlib ${process.versions.zlib}, zstd ${process.versions.zstd};
${version("gzip")}, ${version("zstd")}, ${version("xz")}.
`;
}

function version(command: string): string {
  return execFileSync(command, ["--version"], { encoding: "utf8" }).split("\n")[0] ?? "";
}
