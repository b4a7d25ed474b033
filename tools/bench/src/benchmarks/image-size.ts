import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildImage, recipes } from "@bootstamp/test-images";
import { findTool } from "@bootstamp/witnesses";
import type { Benchmark, Findings, Verdict } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { mebibytesText, numberText, ratioText, timeText } from "../quantity.ts";
import { runRounds } from "../rounds.ts";
import { openPatchable, type Patchable } from "../sample-patch.ts";
import type { Site } from "../site.ts";
import { writeSpecFor } from "../specs.ts";
import { stampContenders } from "../stamp-race.ts";
import { typicalUsage, type Usage } from "../usage.ts";

const gibibytes = [1, 4, 16] as const;

/** What a larger image costs: the same files on an ever larger, sparse disk. */
export const imageSize: Benchmark = {
  name: "size",
  title: "Cost against the size of the image",
  run: async (site) => {
    const missing = recipes["debian-grub"].tools().filter((tool) => findTool(tool) === undefined);
    if (missing.length > 0) return { text: `not measured: it takes ${missing.join(", ")}`, verdicts: [] };
    const images: SizedImage[] = [];
    for (const size of gibibytes) images.push(await prepareSized(site, size));
    try {
      return await raceSizes(site, images);
    } finally {
      for (const { patchable } of images) patchable.source.close();
    }
  },
};

interface SizedImage {
  readonly size: number;
  readonly prepared: Usage;
  readonly patchable: Patchable;
}

async function prepareSized(site: Site, size: number): Promise<SizedImage> {
  site.say(`making an image of ${size} GiB`);
  const { path } = await buildImage("debian-grub", { root: "small", size: size * 2 ** 30 });
  const name = `size-${size}`;
  writeSpecFor(site.folder, name, path);
  const prepared = await site.measure(`bootstamp prepare ${name}.yaml -o ${name}.gz`, [`${name}.gz`]);
  return { size, prepared, patchable: await openPatchable(join(site.folder, `${name}.gz`)) };
}

async function raceSizes(site: Site, images: readonly SizedImage[]): Promise<Findings> {
  const copied = await raceIn(site, site.folder, false, images);
  const shared =
    site.reflinkFolder === undefined ? undefined : await raceShared(site, site.reflinkFolder, images);
  const smallest = images[0]?.size ?? 0;
  const againstSmallest = (times: ReadonlyMap<number, number> | undefined, size: number): string =>
    ratioText(times?.get(size) ?? Number.NaN, times?.get(smallest) ?? Number.NaN);
  const rows = images.map(({ size, prepared, patchable }) => {
    const { map, source } = patchable;
    return [
      `${size} GiB`,
      mebibytesText(source.length),
      String(map.segments.length),
      numberText(prepared.cpuSeconds),
      mebibytesText(prepared.peakBytes),
      timeText(shared?.get(size) ?? Number.NaN),
      againstSmallest(shared, size),
      timeText(copied.get(size) ?? Number.NaN),
      againstSmallest(copied, size),
    ];
  });
  const titles = [
    "image",
    ">compressed",
    ">segments",
    ">prepare, CPU s",
    ">prepare, memory",
    ">stamp, blocks shared",
    ">ratio",
    ">stamp, copied",
    ">ratio",
  ];
  return { text: markdownTable(titles, rows), verdicts: shared === undefined ? [] : [sizeVerdict(shared)] };
}

function sizeVerdict(shared: ReadonlyMap<number, number>): Verdict {
  const ratio = (shared.get(16) ?? Number.NaN) / (shared.get(1) ?? Number.NaN);
  return {
    what: "one variant of a 16 GiB image, against one of a 1 GiB image",
    target: "the same (1.25 at most)",
    measured: ratio.toFixed(2),
    met: ratio <= 1.25,
  };
}

/** The race on files that can share blocks. */
async function raceShared(
  site: Site,
  folderName: string,
  images: readonly SizedImage[],
): Promise<Map<number, number>> {
  const folder = join(site.folder, folderName);
  const moved: SizedImage[] = [];
  try {
    for (const image of images) {
      const path = join(folder, `size-${image.size}.gz`);
      copyFileSync(image.patchable.source.path, path);
      moved.push({ ...image, patchable: await openPatchable(path) });
    }
    return await raceIn(site, folder, true, moved);
  } finally {
    for (const { patchable } of moved) {
      patchable.source.close();
      rmSync(patchable.source.path);
    }
  }
}

/** The wall time of a stamp by the size of the image, all sizes in turns. */
async function raceIn(
  site: Site,
  folder: string,
  shared: boolean,
  images: readonly SizedImage[],
): Promise<Map<number, number>> {
  site.say(`stamps of each size, ${shared ? "blocks shared" : "copied"}`);
  const contenders = images.map(({ size, patchable }) => {
    const { measure } = stampContenders(patchable, folder, shared).stamp;
    return { name: String(size), measure };
  });
  const measured = await runRounds(contenders, { rounds: shared ? 200 : 7, seconds: 20 });
  return new Map(
    images.map(({ size }) => [size, typicalUsage(measured.get(String(size)) ?? []).wallSeconds]),
  );
}
