import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSource } from "@bootstamp/byte-source";
import {
  planRelayout,
  relayout,
  type DiskProgress,
  type PartitionMove,
  type RelayoutChoices,
} from "@bootstamp/disk-image";
import { aboutFile } from "../../about-file.ts";
import { findRawFile } from "../../build/raw-base.ts";
import { durationText, sizeText } from "../../report/quantity.ts";
import type { Reporter } from "../../report/reporter.ts";
import { tableText } from "../../report/table.ts";

export interface RelayoutOptions {
  /** The old image, of any kind: a path or a URL. */
  readonly image: string;
  /** The new image; absent: only the plan is shown. */
  readonly output?: string;
  readonly sectorLength?: 512 | 4096;
  readonly choices: RelayoutChoices;
}

/**
 * Makes a new image from an old one, with the partition that varies put last, shrunk, or both. One that is no raw file
 * is unpacked for the time being, into TMPDIR: a damaged one shows itself before anything is made of it.
 */
export async function relayoutImage(
  options: RelayoutOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const { image, output } = options;
  const scratch = mkdtempSync(join(tmpdir(), "bootstamp-relayout-"));
  try {
    const keeper = { rawBasePath: (name: string) => join(scratch, name) };
    const outputs = output === undefined ? [] : [output];
    const { name, path } = await findRawFile(image, outputs, keeper, { reporter, signal });
    const source = FileSource.open(path);
    try {
      await aboutFile(name, async () => await relayoutRaw(source, options, reporter, signal));
    } finally {
      source.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    reporter.settle();
  }
}

async function relayoutRaw(
  source: FileSource,
  { output, sectorLength, choices }: RelayoutOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const sectors = sectorLength === undefined ? {} : { sectorLength };
  const plan = await planRelayout({ source, choices, signal, ...sectors });
  const { moves, notes, bootLoaders } = plan;
  for (const { message } of notes) reporter.warn(message);
  const lengths = { before: plan.before.diskLength, after: plan.after.diskLength };
  reporter.tell({ event: "relayout", moves, notes, bootLoaders, ...lengths }, [
    ...moveLines(moves, reporter.columns),
    `image     ${sizeText(lengths.before)} -> ${sizeText(lengths.after)}`,
  ]);
  if (output === undefined) return;
  await relayout({ source, plan, output, onProgress: (done) => progress(done, reporter), signal });
  const seconds = (performance.now() - started) / 1000;
  reporter.tell({ event: "relaid-out", path: output, length: lengths.after, seconds }, [
    `wrote     ${output}, ${sizeText(lengths.after)}, in ${durationText(seconds)}`,
  ]);
}

function progress({ what, done, total }: DiskProgress, reporter: Reporter): void {
  reporter.progress({ task: what, done, total });
}

function moveLines(moves: readonly PartitionMove[], width: number): string[] {
  const columns = [
    { title: "#", align: "right" },
    { title: "holds" },
    { title: "was at", align: "right" },
    { title: "size", align: "right" },
    { title: "comes to", align: "right" },
    { title: "size", align: "right" },
    { title: "content" },
  ] as const;
  const rows = moves.map(({ number, fileSystem, from, to, content }) => [
    String(number),
    fileSystem ?? "",
    sizeText(from.offset),
    sizeText(from.length),
    sizeText(to.offset),
    sizeText(to.length),
    content,
  ]);
  return tableText(columns, rows, width);
}
