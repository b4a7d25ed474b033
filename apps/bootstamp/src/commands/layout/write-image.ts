import { statSync } from "node:fs";
import { parse, join, resolve } from "node:path";
import { assembleImage, contentsOfPlan, measureLayout, type AssembledImage } from "@bootstamp/disk-image";
import { planLayout, type Layout, type PlannedLayout } from "@bootstamp/layout-plan";
import { refuseOwnInput } from "../../build/refuse-overwriting.ts";
import { largestStoredBlock } from "../../formats.ts";
import { readFileBytes } from "../../read-file-bytes.ts";
import { countText, durationText, sizeText } from "../../report/quantity.ts";
import type { Reporter } from "../../report/reporter.ts";
import { tableText } from "../../report/table.ts";
import { readLayoutFile } from "./read-layout-file.ts";

export interface WriteImageOptions {
  /** A layout file, a directory of repart.d definitions, or an sfdisk dump. */
  readonly input: string;
  /** The image to make; with two sector lengths, each gets its length before the ending. */
  readonly output: string;
  /** Code for the start of the MBR. */
  readonly bootCode?: string;
  readonly architecture?: string;
  readonly clock?: number;
}

/** The first day of FAT's calendar: the least time that every file system can keep. */
const defaultClock = 315_532_800;

/** Assembles the image of a layout: table and contents; one for each of its sector lengths. */
export async function writeImage(
  options: WriteImageOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const { layout, directory } = readLayoutFile(options.input, options.architecture);
  const plans = await planAll(layout, directory);
  tellNotes(layout, plans, reporter);
  const outputs = plans.map((plan) => outputOf(options.output, plan, plans.length > 1));
  refuseOwnInput(inputsOf(options, layout, directory), outputs);
  const bootCode = options.bootCode === undefined ? undefined : readFileBytes(options.bootCode, 440);
  try {
    for (const plan of plans) {
      const started = performance.now();
      const image = await assembleImage({
        table: plan.table,
        contents: contentsOfPlan(plan, directory),
        output: outputOf(options.output, plan, plans.length > 1),
        clock: options.clock ?? defaultClock,
        ...(bootCode === undefined ? {} : { bootCode }),
        onProgress: ({ what, done, total }) => reporter.progress({ task: what, done, total }),
        signal,
      });
      tellImage(image, plan, (performance.now() - started) / 1000, reporter);
    }
  } finally {
    reporter.settle();
  }
}

/** What is read for an image. Definitions of repart.d are a folder's own business: an image beside them harms nothing. */
function inputsOf({ input, bootCode }: WriteImageOptions, layout: Layout, directory: string): string[] {
  const contents = layout.partitions.flatMap(({ content }) =>
    content.kind === "image" || content.kind === "directory" ? [resolve(directory, content.path)] : [],
  );
  const files = [input, bootCode].filter((path) => path !== undefined);
  return [...files.filter((path) => !isDirectory(path)), ...contents];
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Plans a layout with what its contents need. */
export async function planAll(layout: Layout, directory: string): Promise<readonly PlannedLayout[]> {
  const contentLength = await measureLayout(layout, directory);
  return planLayout(layout, { contentLength, storedAlignment: largestStoredBlock });
}

export function tellNotes(layout: Layout, plans: readonly PlannedLayout[], reporter: Reporter): void {
  const notes = [layout, ...plans].flatMap((one) => one.notes);
  const seen = new Set<string>();
  for (const { position, message } of notes) {
    const text = `${position.file}:${position.line}:${position.column}: ${message}`;
    if (!seen.has(text)) reporter.warn(text);
    seen.add(text);
  }
}

function outputOf(output: string, { table }: PlannedLayout, isOneOfTwo: boolean): string {
  if (!isOneOfTwo) return output;
  const { dir, name, ext } = parse(output);
  return join(dir, `${name}-${table.sectorLength}${ext}`);
}

function tellImage(image: AssembledImage, plan: PlannedLayout, seconds: number, reporter: Reporter): void {
  const { path, length, sectorLength, partitions } = image;
  const planned = new Map(plan.partitions.map((one) => [one.number, one]));
  const rows = partitions.map(({ number, offset, length: room, fileSystem, contentLength }) => [
    String(number),
    planned.get(number)?.name ?? "",
    planned.get(number)?.variable === true ? "varies" : "",
    sizeText(offset),
    sizeText(room),
    fileSystem ?? "",
    contentLength === 0 ? "" : sizeText(contentLength),
  ]);
  const columns = [
    { title: "#", align: "right" },
    { title: "name" },
    { title: "" },
    { title: "starts at", align: "right" },
    { title: "size", align: "right" },
    { title: "holds" },
    { title: "content", align: "right" },
  ] as const;
  reporter.tell({ event: "assembled", path, length, sectorLength, partitions, seconds }, [
    ...tableText(columns, rows, reporter.columns),
    `assembled ${path}, ${sizeText(length)}, ${sectorLength}-byte sectors, ${countText(rows.length, "partition")}, in ${durationText(seconds)}`,
  ]);
}
