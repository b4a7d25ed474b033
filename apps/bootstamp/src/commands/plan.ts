import { totalLength } from "@bootstamp/segment-map";
import { tellBase } from "../build/build-report.ts";
import { changedFiles } from "../build/changed-files.ts";
import { estimatePacked } from "../build/estimate-packed.ts";
import { noStore } from "../build/patch-store.ts";
import { changedBytes, type PatchedVariant } from "../build/render-patches.ts";
import { storingCost } from "../build/storing-cost.ts";
import { openJob, survey, type FormatChoice, type Job, type Survey } from "../build/survey.ts";
import { layoutLines, layoutRows, type ImagePicture } from "../report/layout-report.ts";
import { countText, shareText, sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { tableText } from "../report/table.ts";

export interface PlanOptions {
  readonly specPath: string;
  readonly clock?: number;
}

/** Shows what a build would store and what that costs. Compresses samples only, and writes nothing. */
export async function plan(options: PlanOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const job = await openJob(options.specPath, { reporter, signal });
  try {
    tellBase(reporter, job.base);
    const surveyed = await survey(job, options.clock, noStore, reporter, signal);
    tellVariants(reporter, surveyed.patched);
    for (const choice of job.formats) await tellCost(reporter, job, surveyed, choice, signal);
  } finally {
    await job.base.close();
    reporter.settle();
  }
}

/** More rows are of no use to a person; `--json` gives them all. */
const shownVariants = 40;

function tellVariants(reporter: Reporter, patched: readonly PatchedVariant[]): void {
  for (const { plan: variant, extents, reports } of patched) {
    const outputs = Object.fromEntries(variant.outputs);
    reporter.tell({ event: "variant", name: variant.name, outputs, extents, edits: reports }, []);
  }
  const rows = patched
    .slice(0, shownVariants)
    .map((variant) => [
      variant.plan.name,
      sizeText(changedBytes(variant)),
      String(variant.extents.length),
      changedFiles(variant.reports),
    ]);
  const columns = [
    { title: "variant" },
    { title: "changes", align: "right" },
    { title: "places", align: "right" },
    { title: "files" },
  ] as const;
  const more = patched.length - rows.length;
  const lines = ["", ...tableText(columns, rows, reporter.columns)];
  reporter.tell({ event: "variants", count: patched.length }, [
    ...lines,
    ...(more > 0 ? [`... and ${more} more`] : []),
  ]);
}

/** What the base comes to in one format, and how much of that is so because it has to be stored. */
async function tellCost(
  reporter: Reporter,
  { base }: Job,
  { stored, patched }: Survey,
  { format, settings }: FormatChoice,
  signal: AbortSignal,
): Promise<void> {
  const { raw, layout } = base;
  const planned = format.plan(raw.length, stored, settings);
  const addedBytes = await storingCost(raw, planned.stored, format, settings, signal);
  const packed = await estimatePacked(raw, format, settings, signal);
  const picture: ImagePicture = { length: raw.length, layout, stored, packed, estimated: true };
  const packedBytes = packed.reduce((sum, { packedLength }) => sum + packedLength, addedBytes);
  const storedBytes = totalLength(planned.stored);
  const { pieceCount: pieces } = planned;
  const numbers = { storedBytes, addedBytes, packedBytes, pieces };
  reporter.tell(
    { event: "cost", format: format.name, ...settings, ...numbers, stored, partitions: layoutRows(picture) },
    [
      "",
      ...layoutLines(picture, reporter.columns, reporter.unicode),
      "",
      `${format.extension} of about ${sizeText(packedBytes)}, once for each of ${countText(patched.length, "variant")}:`,
      `${sizeText(storedBytes)} stored in ${countText(planned.stored.length, "place")} make it ${sizeText(addedBytes)} larger, ${shareText(addedBytes, packedBytes)}`,
    ],
  );
}
