import { rmSync } from "node:fs";
import { join } from "node:path";
import { format } from "@bootstamp/gzip";
import { stampFile } from "@bootstamp/stamp";
import { cloneByHand, copyByHand, publishByHand } from "./by-hand.ts";
import { measureLap } from "./lap.ts";
import { runRounds, type Contender, type RoundLimits } from "./rounds.ts";
import { openPatchable, type Patchable } from "./sample-patch.ts";
import { typicalUsage, type TypicalUsage, type Usage } from "./usage.ts";

const stampWays = ["byHand", "publishedByHand", "stamp", "unreadStamp"] as const;

/** A way to make one variant: by hand in two degrees of care, and ours, with and without reading it back. */
export type StampWay = (typeof stampWays)[number];

/** Makes one variant of a file in all ways, in turns, inside this process, and returns the medians. */
export async function raceStamps(
  stampable: string,
  folder: string,
  shared: boolean,
  limits: RoundLimits,
): Promise<Map<StampWay, TypicalUsage>> {
  const patchable = await openPatchable(stampable);
  try {
    const contenders = stampContenders(patchable, folder, shared);
    const measured = await runRounds(Object.values(contenders), limits);
    return new Map(stampWays.map((way) => [way, typicalUsage(measured.get(way) ?? [])]));
  } finally {
    patchable.source.close();
  }
}

/** @param shared whether the file system of `folder` can share blocks: by hand that has to be known. */
export function stampContenders(
  { source, map, patch, writes }: Patchable,
  folder: string,
  shared: boolean,
): Readonly<Record<StampWay, Contender<Usage>>> {
  const output = join(folder, "variant.gz");
  // Any CRC-64 will do: what is measured is that it is carried over.
  const request = { format, map, patch, stampable: source, stampableCrc64nvme: 1n, output };
  const clone = shared ? cloneByHand : copyByHand;
  const contender = (name: StampWay, work: () => unknown): Contender<Usage> => ({
    name,
    measure: async () => {
      rmSync(output, { force: true });
      return await measureLap(work);
    },
  });
  return {
    byHand: contender("byHand", () => clone(source.path, output, writes)),
    publishedByHand: contender("publishedByHand", () => publishByHand(clone, source.path, output, writes)),
    stamp: contender("stamp", async () => await stampFile(request)),
    unreadStamp: contender("unreadStamp", async () => await stampFile({ ...request, verify: false })),
  };
}
