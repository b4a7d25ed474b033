import { describeTable, type TableDescription } from "@bootstamp/layout";
import {
  formatLayout,
  layoutOfPlan,
  layoutOfTable,
  type Layout,
  type PartitionExtras,
} from "@bootstamp/layout-plan";
import { writeWholeText } from "@bootstamp/whole-file";
import { refuseOwnInput } from "../../build/refuse-overwriting.ts";
import { aboutFile } from "../../about-file.ts";
import { readLayout } from "../../open-image.ts";
import { openReadable } from "../../open-readable.ts";
import type { Reporter } from "../../report/reporter.ts";
import { readLayoutFile } from "./read-layout-file.ts";
import { planAll, tellNotes } from "./write-image.ts";

export interface WriteLayoutOptions {
  /** An image, raw or stampable; or, with `planned`, a layout. */
  readonly input: string;
  /** Where the YAML goes; absent or `-`: standard output. */
  readonly output?: string;
  readonly architecture?: string;
  readonly sectorLength?: 512 | 4096;
}

/** Writes the layout of an existing image: planned again, it comes to the same table. */
export async function writeLayoutOfImage(
  options: WriteLayoutOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const { input, output, sectorLength } = options;
  if (output !== undefined) refuseOwnInput([input], [output]);
  const image = await openReadable(input, { reporter, signal });
  try {
    const layout = await aboutFile(image.name, async () => {
      const { table, probes } = await readLayout(image.raw, sectorLength);
      const described = describeTable(table, image.raw.length);
      const extras = extrasOf(described, (number) => probes.get(number)?.label ?? "");
      return layoutOfTable(image.name, described, extras);
    });
    await put(layout, `The layout of ${image.name}.`, output, reporter);
  } finally {
    await image.close();
  }
}

/** An MBR has no names; the labels of its file systems are what people know its partitions by. */
function extrasOf(
  { kind, partitions }: TableDescription,
  labelOf: (number: number) => string,
): ReadonlyMap<number, PartitionExtras> {
  if (kind === "gpt") return new Map();
  const labels = partitions.map(({ number }) => labelOf(number));
  return new Map(
    partitions
      .map(({ number }, index) => [number, labels[index] ?? ""] as const)
      .filter(([, label]) => label !== "" && labels.indexOf(label) === labels.lastIndexOf(label))
      .map(([number, name]) => [number, { name }]),
  );
}

/** Writes what a layout of another program comes to, as a layout of ours; with every number where it was planned. */
export async function writeImportedLayout(options: WriteLayoutOptions, reporter: Reporter): Promise<void> {
  const { layout, directory } = readLayoutFile(options.input, options.architecture);
  const plans = await planAll(layout, directory);
  tellNotes(layout, plans, reporter);
  const [plan] = plans;
  if (plan === undefined) throw new Error("internal error: a layout without a plan");
  await put(layoutOfPlan(plan), `The plan of ${options.input}.`, options.output, reporter);
}

async function put(
  layout: Layout,
  comment: string,
  output: string | undefined,
  reporter: Reporter,
): Promise<void> {
  const text = formatLayout(layout, comment);
  if (output === undefined || output === "-")
    return reporter.tell({ event: "layout", layout: text }, text.trimEnd().split("\n"));
  await writeWholeText(output, text);
  reporter.tell({ event: "layout", path: output, layout: text }, [`wrote     ${output}`]);
}
