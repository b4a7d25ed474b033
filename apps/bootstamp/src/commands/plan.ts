import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { totalLength, type Extent } from "@bootstamp/segment-map";
import { openBase, type BaseImage } from "../build/base-image.ts";
import { tellBase } from "../build/build-report.ts";
import { baseChoiceOf, readJob, storedExtentsOf, type Job } from "../build/build.ts";
import { changedBytes, renderPatches, type PatchedVariant } from "../build/render-patches.ts";
import { storingCost } from "../build/storing-cost.ts";
import { formatNamed } from "../formats.ts";
import { layoutLines, layoutRows } from "../report/layout-report.ts";
import { printable } from "../report/printable.ts";
import { sizeText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { tableText } from "../report/table.ts";

export interface PlanOptions {
  readonly specPath: string;
  readonly clock?: number;
}

/** Shows what a build would store and what that costs, without compressing or writing anything. */
export async function plan(options: PlanOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const job = await readJob(options.specPath);
  const base = await openBase(baseChoiceOf(job.spec));
  const scratch = mkdtempSync(join(tmpdir(), "bootstamp-plan-"));
  try {
    tellBase(reporter, base);
    const patched = await renderPatches({
      ...job,
      base,
      clock: options.clock,
      patchPath: (key) => join(scratch, key),
      signal,
    });
    const stored = storedExtentsOf({ ...job, base }, patched);
    tellVariants(reporter, patched);
    tellPicture(reporter, base, stored);
    await tellCosts(reporter, job, base, stored);
  } finally {
    base.file.close();
    rmSync(scratch, { recursive: true, force: true });
    reporter.settle();
  }
}

/** More rows are of no use to a person; `--json` gives them all. */
const shownVariants = 40;

function tellVariants(reporter: Reporter, patched: readonly PatchedVariant[]): void {
  for (const { plan: variant, extents, reports } of patched) {
    reporter.tell(
      {
        event: "variant",
        name: variant.name,
        outputs: Object.fromEntries(variant.outputs),
        extents,
        edits: reports,
      },
      [],
    );
  }
  const rows = patched
    .slice(0, shownVariants)
    .map((variant) => [
      variant.plan.name,
      sizeText(changedBytes(variant)),
      String(variant.extents.length),
      changedFiles(variant),
    ]);
  const columns = [
    { title: "variant" },
    { title: "changes", align: "right" },
    { title: "places", align: "right" },
    { title: "files" },
  ] as const;
  const more = patched.length - rows.length;
  const lines = ["", ...tableText(columns, rows), ...(more > 0 ? [`... and ${more} more`] : [])];
  reporter.tell({ event: "variants", count: patched.length }, lines);
}

function changedFiles({ reports }: PatchedVariant): string {
  const changed = reports.flatMap(({ files }) => files.filter(({ action }) => action !== "kept"));
  const names = [...new Set(changed.map(({ path }) => printable(path)))];
  return names.length > 3 ? `${names.slice(0, 3).join(" ")} and ${names.length - 3} more` : names.join(" ");
}

function tellPicture(reporter: Reporter, base: BaseImage, stored: readonly Extent[]): void {
  const picture = { length: base.file.length, layout: base.layout, stored };
  reporter.tell({ event: "picture", length: base.file.length, partitions: layoutRows(picture), stored }, [
    "",
    ...layoutLines(picture, reporter.columns, reporter.unicode),
    "",
  ]);
}

async function tellCosts(
  reporter: Reporter,
  { spec }: Job,
  base: BaseImage,
  stored: readonly Extent[],
): Promise<void> {
  for (const name of spec.output.formats) {
    const format = formatNamed(name);
    const settings = format.settle(spec.output.compression);
    const planned = format.plan(base.file.length, stored, settings);
    const addedBytes = await storingCost(base.file, planned.stored, format, settings);
    const storedBytes = totalLength(planned.stored);
    reporter.tell(
      { event: "cost", format: name, ...settings, storedBytes, addedBytes, pieces: planned.pieceCount },
      [
        `${format.extension}: ${sizeText(storedBytes)} stored in ${planned.stored.length} places make ${basename(base.file.path)}${format.extension} ${sizeText(addedBytes)} larger than if all was compressed`,
      ],
    );
  }
}
