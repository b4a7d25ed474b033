import { openEditor, type RegionEditor } from "@bootstamp/bootfs";
import { mapInOrder } from "@bootstamp/threads";
import { expandVariants, loadSpec, renderVariant, type Spec, type VariantPlan } from "@bootstamp/variants";
import { aboutFile } from "../about-file.ts";
import { placedFault } from "../build/placed-fault.ts";
import { openStampable, type StampableImage } from "../open-image.ts";
import { countText } from "../report/quantity.ts";
import type { Reporter } from "../report/reporter.ts";
import { stampingWay, type StampingWay, wayCells, wayColumns } from "../report/stamping-report.ts";
import { tableText } from "../report/table.ts";
import { editImage } from "./edit-image.ts";

export interface PlanStampingOptions {
  readonly specPath: string;
  /** A stampable image: a path or a URL. */
  readonly base: string;
  readonly clock?: number;
}

/** More rows are of no use to a person; `--json` gives them all. */
const shownVariants = 40;
const underWay = 4;

/**
 * Says of every variant of a spec how it would be stamped out of a stampable image: patched in place or spliced, and at
 * what cost. Makes the edits, and nothing else.
 */
export async function planStamping(
  options: PlanStampingOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const { specPath, base: path } = options;
  const spec = await loadSpec(specPath);
  const plans = expandVariants(spec);
  const image = await openStampable(path, { reporter, signal });
  const editor = openEditor();
  const rows: string[][] = [];
  let spliced = 0;
  try {
    const find = async (plan: VariantPlan): Promise<{ plan: VariantPlan; way: StampingWay }> => ({
      plan,
      way: await wayOf(options, spec, plan, image, editor),
    });
    for await (const { plan, way } of mapInOrder(plans, underWay, find)) {
      signal.throwIfAborted();
      if (way.way === "splice") spliced++;
      if (rows.length < shownVariants) rows.push(wayCells(plan.name, way));
      reporter.tell({ event: "way", name: plan.name, ...way }, []);
    }
    const more = plans.length - rows.length;
    reporter.tell({ event: "ways", base: path, variants: plans.length, spliced }, [
      ...tableText(wayColumns, rows, reporter.columns),
      ...(more > 0 ? [`... and ${more} more`] : []),
      "",
      `${countText(plans.length - spliced, "variant")} of ${path} patched in place, ${spliced} spliced`,
    ]);
  } finally {
    await editor.close();
    await image.close();
    reporter.settle();
  }
}

async function wayOf(
  { base, clock }: PlanStampingOptions,
  spec: Spec,
  plan: VariantPlan,
  image: StampableImage,
  editor: RegionEditor,
): Promise<StampingWay> {
  const rendered = await renderVariant(spec, plan);
  const placed = (error: unknown): unknown => placedFault(error, rendered);
  const { sectorSize } = spec.base;
  const settings = {
    ...(sectorSize === undefined ? {} : { sectorLength: sectorSize }),
    ...(clock === undefined ? {} : { clock }),
  };
  const edits = { edits: rendered.edits, region: spec.region, placed };
  const { patch } = await aboutFile(base, async () => await editImage(editor, image, edits, settings));
  return stampingWay(image.packed.map, patch);
}
