import { open } from "node:fs/promises";
import { openFileSystem, planFat, type FatWidth } from "@bootstamp/bootfs";
import { type FileSource, writeAt } from "@bootstamp/byte-source";
import { composeTable, type TableDescription } from "@bootstamp/layout";
import { writeWholeFile } from "@bootstamp/whole-file";
import { startMeter, type DiskJob, type Meter } from "../disk-progress.ts";
import { writeFatDirectory, type UnfinishedImage } from "../fat-directory.ts";
import { copySparse } from "../sparse-file.ts";
import { isMoved } from "./boot-loader-notes.ts";
import { nodesOfView } from "./file-system-nodes.ts";
import { moveHiddenSectors } from "./hidden-sectors.ts";
import type { PartitionMove, RelayoutPlan } from "./relayout-plan.ts";
import { readExtFacts, withShrunkExt } from "./shrink-ext.ts";

export interface RelayoutRequest extends DiskJob {
  /** The old image, that the plan was made for; it is only read. */
  readonly source: FileSource;
  readonly plan: RelayoutPlan;
  /** Where the new image goes; replaced if it is there. */
  readonly output: string;
}

/** Bytes of the MBR that are no table: code, and a number that is no table's of a GPT. */
const codeLength = 446;

/**
 * Writes a new image as `planRelayout` planned it. The file appears when it is complete, and is sparse; the same image
 * and plan give the same bytes, with the same version of e2fsprogs. The old image's boot code, and what is between its
 * table and its first partition, comes along.
 *
 * @throws DiskImageError `DISK_NOT_CLEAN`, `DISK_SHRINK_TOO_SMALL`, `DISK_TOOL_MISSING`, `DISK_TOOL_FAILED`;
 * SourceError `SOURCE_CHANGED`; BootfsError, WholeFileError; the signal's reason.
 */
export async function relayout(request: RelayoutRequest): Promise<RelayoutPlan> {
  const { source, plan, output } = request;
  const { after, moves } = plan;
  // What is shrunk is copied twice.
  const total = moves.reduce(
    (sum, { content, from, to }) => sum + (content === "shrunk" ? from.length : 0) + to.length,
    0,
  );
  const meter = startMeter(request, total);
  await writeWholeFile(output, async (path) => {
    const file = await open(path, "wx+");
    try {
      const image: UnfinishedImage = { path, file, sectorLength: after.sectorLength };
      await file.truncate(after.diskLength);
      await copyHead(source, image, plan);
      for (const { offset, bytes } of composeTable(after)) await writeAt(file, bytes, offset);
      for (const move of moves) await moveContent(request, image, move, meter);
      source.assertUnchanged();
    } finally {
      await file.close();
    }
  });
  return plan;
}

/** Boot loaders live in the MBR, and between the table and the first partition. */
async function copyHead(
  source: FileSource,
  { file }: UnfinishedImage,
  { before, moves }: RelayoutPlan,
): Promise<void> {
  const code = await source.read(0, codeLength);
  const first = Math.min(...moves.map(({ from }) => from.offset));
  const table = tableEnd(before);
  await copySparse(
    source,
    file,
    { from: table, to: table, length: Math.max(0, first - table) },
    () => undefined,
  );
  await writeAt(file, code, 0);
}

function tableEnd(table: TableDescription): number {
  if (table.kind === "mbr") return 512;
  const entries = (table.entryCount ?? 128) * (table.entryLength ?? 128);
  return 2 * table.sectorLength + Math.ceil(entries / table.sectorLength) * table.sectorLength;
}

async function moveContent(
  { source, plan }: RelayoutRequest,
  image: UnfinishedImage,
  move: PartitionMove,
  meter: Meter,
): Promise<void> {
  const { number, from, to, content } = move;
  const what = `partition ${number}`;
  if (content === "contains") return;
  if (content === "remade") return await remakeFat(source, image, move, plan.clock, meter);
  const advance = (bytes: number): void => meter.advance(what, bytes);
  if (content === "shrunk") {
    const { blockLength } = await readExtFacts(source, from);
    const shrink = { place: from, length: to.length, blockLength, what, clock: plan.clock };
    await withShrunkExt(source, shrink, meter, async (shrunk) => {
      const range = { from: 0, to: to.offset, length: Math.min(shrunk.length, to.length) };
      await copySparse(shrunk, image.file, range, advance);
    });
  } else {
    await copySparse(source, image.file, { from: from.offset, to: to.offset, length: from.length }, advance);
  }
  if (isMoved(move)) await moveHiddenSectors(image.file, move, image.sectorLength);
}

/** The same files, label and volume id in a new FAT. */
async function remakeFat(
  source: FileSource,
  image: UnfinishedImage,
  { number, from, to }: PartitionMove,
  clock: number,
  meter: Meter,
): Promise<void> {
  const view = await openFileSystem(source, from);
  const { label, uuid } = view.identity;
  const shape = { length: to.length, sectorLength: image.sectorLength };
  const width: FatWidth = planFat(shape).width;
  const volume = {
    ...shape,
    width,
    serial: Number.parseInt(uuid.replace("-", ""), 16),
    startingSector: to.offset / image.sectorLength,
    clock,
    ...(label === "" ? {} : { label }),
  };
  await writeFatDirectory(
    image,
    {
      volume,
      place: to,
      what: `partition ${number}`,
      nodes: nodesOfView(view),
      readContent: async ({ path }) => view.read(`/${path}`),
    },
    meter,
  );
}
