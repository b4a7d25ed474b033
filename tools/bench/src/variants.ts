import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bootOffset, enlarged, lengthOf, mountXfs, writeSpec, type BenchSite } from "./bench-site.ts";
import { markdownTable, mebibytes, percent, ratio, seconds } from "./markdown.ts";
import { compare, median, type Contender } from "./measured-run.ts";

interface ArtifactEvent {
  readonly event: string;
  readonly made?: boolean;
  readonly stampSeconds?: number;
  readonly digestSeconds?: number;
}

/** Builds a spec and returns the seconds that each artifact took, and all of them. */
function buildTimes(site: BenchSite, spec: string): { stamp: number[]; digest: number[]; wall: number } {
  const [program = "", ...words] = site.bootstamp;
  const started = performance.now();
  const text = execFileSync(program, [...words, "build", spec, "--json"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const wall = (performance.now() - started) / 1000;
  const events = text
    .trim()
    .split("\n")
    .map((line): ArtifactEvent => JSON.parse(line));
  const made = events.filter(({ event, made: fresh }) => event === "artifact" && fresh === true);
  return {
    stamp: made.map(({ stampSeconds = 0 }) => stampSeconds),
    digest: made.map(({ digestSeconds = 0 }) => digestSeconds),
    wall,
  };
}

/** By hand: clone, write 4 KiB and a trailer, sync; each measured inside one process, as ours is. */
function byHand(packed: string, folder: string, reflink: boolean, count: number): number {
  const script = `import { constants, copyFileSync, openSync, writeSync, fsyncSync, closeSync, rmSync } from "node:fs";
    const [from, to, mode, count] = process.argv.slice(1);
    const block = Buffer.alloc(4096, 7), times = [];
    for (let round = 0; round < Number(count); round++) {
      const started = performance.now();
      copyFileSync(from, to, mode === "reflink" ? constants.COPYFILE_FICLONE_FORCE : constants.COPYFILE_FICLONE);
      const file = openSync(to, "r+");
      writeSync(file, block, 0, 4096, 1 << 20); writeSync(file, block, 0, 8, 4096);
      fsyncSync(file); closeSync(file);
      times.push((performance.now() - started) / 1000);
      rmSync(to);
    }
    console.log(JSON.stringify(times));`;
  const words = [
    "--input-type=module",
    "-e",
    script,
    packed,
    join(folder, "by-hand"),
    reflink ? "reflink" : "copy",
    String(count),
  ];
  const times: number[] = JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" }));
  return median(times);
}

/** One more variant, against what people do today; and against the size of the image. */
export async function benchVariant(site: BenchSite): Promise<string> {
  const spec = writeSpec(site, { name: "one", image: site.image.path, variants: 1, digests: ["sha256"] });
  const built = buildTimes(site, spec);
  const packed = join(site.folder, "one/v0.raw.gz");
  const copy = join(site.folder, "copy");
  const contenders: Contender[] = [
    { name: "cp", command: ["cp", "--reflink=never", packed, copy], shown: "cp base.gz v.gz" },
    {
      name: "today",
      command: ["bash", "-c", editAgain(site)],
      shown: "cp disk.img v.img; debugfs -w v.img; pigz -p2 -6 v.img",
    },
  ];
  const results = await compare(contenders, 3);
  rmSync(copy, { force: true });
  const stamp = median(built.stamp);
  const rows = [
    ["`bootstamp build`, one variant without digests", seconds(stamp), "1.00"],
    ["its SHA-256 besides", seconds(median(built.digest)), ratio(median(built.digest), stamp)],
    ...results.map(({ contender, wall }) => [`\`${contender.shown}\``, seconds(wall), ratio(wall, stamp)]),
  ];
  return `## One variant, on a file system without reflinks

The artifact has ${mebibytes(lengthOf(packed))}. Wall seconds. Reproduce: \`npm run bench -- variant\`.

${markdownTable(["way", "wall", "ratio"], rows)}
`;
}

function editAgain({ folder, image }: BenchSite): string {
  const raw = join(folder, "again.img");
  const marker = join(folder, "marker");
  writeFileSync(marker, "variant\n");
  const commands = `rm /marker.txt\nwrite ${marker} /marker.txt\n`;
  const script = join(folder, "debugfs");
  writeFileSync(script, commands);
  return `cp --sparse=always ${image.path} ${raw} && debugfs -w -f ${script} '${raw}?offset=${bootOffset(image)}' >/dev/null 2>&1; pigz -p2 -6 -f -c ${raw} > ${raw}.gz; rm ${raw} ${raw}.gz`;
}

const gibibyte = 2 ** 30;

/** One more variant on a reflink file system for images of 1 (as it is), 4 and 16 GiB. */
export async function benchImageSize(site: BenchSite): Promise<string> {
  const xfs = mountXfs(site, 12);
  if (xfs === undefined) return "## Image size\n\nNot measured: no XFS could be mounted.\n";
  try {
    const rows: string[][] = [];
    for (const length of [site.image.length, 4 * gibibyte, 16 * gibibyte]) {
      const image = length === site.image.length ? site.image.path : enlarged(site, site.image, length);
      const directory = join(xfs.folder, String(length));
      mkdirSync(directory);
      const count = 20;
      const spec = writeSpec(site, { name: `size-${length}`, image, variants: count, directory });
      const stamp = median(buildTimes(site, spec).stamp);
      const hand = byHand(join(directory, "v0.raw.gz"), directory, true, count);
      rows.push([mebibytes(length), seconds(stamp), seconds(hand), ratio(stamp, hand)]);
      rmSync(directory, { recursive: true });
    }
    return `## One variant and the image's size, on XFS with reflinks

Without digests; medians of 20 variants. By hand is a clone, two writes and an fsync in one process; \`bootstamp\` besides
reads back, renames and syncs the directory. Reproduce: \`npm run bench -- image-size\`.

${markdownTable(["raw image", "bootstamp", "by hand", "ratio"], rows)}
`;
  } finally {
    xfs.unmount();
  }
}

/** A hundred variants in one build, on a reflink file system where there is one. */
export async function benchMany(site: BenchSite): Promise<string> {
  const xfs = mountXfs(site, 12);
  const folder = xfs?.folder ?? site.folder;
  try {
    const rows: string[][] = [];
    for (const digests of [[], ["sha256"], ["sha256", "raw-sha256"]]) {
      const name = `many-${digests.length}`;
      const directory = join(folder, name);
      const spec = (variants: number): string =>
        writeSpec(site, { name, image: site.image.path, variants, digests, directory });
      // The base is pressed by the first build; the second one adds the variants, whose blocks are the same.
      buildTimes(site, spec(1));
      const { wall } = buildTimes(site, spec(100));
      rows.push([digests.join(", ") || "none", seconds(wall), seconds(wall / 100)]);
      rmSync(directory, { recursive: true });
    }
    return `## A hundred variants in one build

On ${xfs === undefined ? "a file system without reflinks" : "XFS with reflinks"}, the base pressed before; whole process, edits included.
Reproduce: \`npm run bench -- many\`.

${markdownTable(["digests", "wall", "per variant"], rows)}
`;
  } finally {
    xfs?.unmount();
  }
}

/** What storing costs in size, against the same engine with nothing stored. */
export async function benchStored(site: BenchSite): Promise<string> {
  const rows: string[][] = [];
  for (const format of ["gz", "zst"]) {
    const lengths = (["plain", "touched", "whole"] as const).map((store) => {
      const name = `stored-${format}-${store}`;
      const directory = join(site.folder, name);
      const choice = { name, image: site.image.path, formats: [format], directory };
      // Variants without edits touch nothing: that is the plain compressed file.
      const spec =
        store === "plain" ? writePlainSpec(site, choice) : writeSpec(site, { ...choice, variants: 2, store });
      buildTimes(site, spec);
      const length = lengthOf(join(directory, `v0.raw.${format}`));
      rmSync(directory, { recursive: true });
      return length;
    });
    const [plain = 1, touched = 0, whole = 0] = lengths;
    rows.push([
      `.${format}`,
      mebibytes(plain),
      percent(touched - plain, plain),
      percent(whole - plain, plain),
    ]);
  }
  return `## Size added by what is stored

Two variants with two small edited files each. Reproduce: \`npm run bench -- stored\`.

${markdownTable(["format", "nothing stored", "`store: touched` adds", "`store: whole` adds"], rows)}
`;
}

function writePlainSpec(site: BenchSite, choice: Parameters<typeof writeSpec>[1]): string {
  const path = writeSpec(site, { ...choice, variants: 1 });
  const spec: { variants: { edits: unknown[] }[] } = JSON.parse(readFileSync(path, "utf8"));
  for (const variant of spec.variants) variant.edits = [];
  writeFileSync(path, JSON.stringify(spec));
  return path;
}
