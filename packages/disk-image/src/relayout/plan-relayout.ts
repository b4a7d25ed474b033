import { openFileSystem, planFat } from "@bootstamp/bootfs";
import type { FileSource } from "@bootstamp/byte-source";
import {
  chooseRegion,
  composeTable,
  describeTable,
  probeFileSystems,
  readPartitionTable,
  type FileSystemProbes,
  type Partition,
  type PartitionTable,
  type SectorLength,
  type TableDescription,
} from "@bootstamp/layout";
import { DiskImageError } from "../disk-image-error.ts";
import { fatLengthFor } from "../fat-needs.ts";
import { bootLoaderNotes } from "./boot-loader-notes.ts";
import { newestTime, nodesOfView } from "./file-system-nodes.ts";
import { findBootLoaders } from "./find-boot-loaders.ts";
import { layoutNotes } from "./layout-notes.ts";
import { placeRelayout } from "./place-relayout.ts";
import type { RelayoutChoices, Shrink } from "./relayout-choices.ts";
import type { PartitionMove, RelayoutNote, RelayoutPlan } from "./relayout-plan.ts";
import { leastExtLength, readExtFacts, shrinkTooSmall } from "./shrink-ext.ts";

export interface PlanRelayoutRequest {
  /** The old image; it is only read. */
  readonly source: FileSource;
  /** Bytes of a sector, where the table does not show it: in an MBR of 4096-byte sectors. */
  readonly sectorLength?: SectorLength;
  readonly choices: RelayoutChoices;
  readonly signal?: AbortSignal;
}

const defaultAlignment = 1 << 20;

/** How long the partition is to be, and how it gets there. */
interface Shrunk {
  readonly length: number;
  readonly content: PartitionMove["content"];
  readonly clock: number;
  readonly notes: readonly RelayoutNote[];
}

/**
 * Plans a new image from an old one: the partition that was chosen put behind all others, shrunk, or both. Nothing is
 * written. All that makes a partition but its place is kept, its number too, so that boot loaders, kernels and file
 * system tables that name partitions by number, id or label find them.
 *
 * @throws DiskImageError `DISK_BOOT_LOADER` if a boot loader would no longer find the sectors that it reads;
 * `DISK_NOT_SHRINKABLE`, `DISK_FAT_NOT_SHRUNK`, `DISK_SHRINK_TOO_SMALL`, `DISK_LOGICAL`, `DISK_NOTHING_TO_DO`,
 * `DISK_TOOL_MISSING`, `DISK_TOOL_FAILED`; LayoutError for the old table, the choice, and a new table that cannot be;
 * BootfsError, SourceError.
 */
export async function planRelayout(request: PlanRelayoutRequest): Promise<RelayoutPlan> {
  const { source, choices, sectorLength } = request;
  const table = await readPartitionTable(source, sectorLength === undefined ? {} : { sectorLength });
  const probes = await probeFileSystems(source, table);
  const before = describeTable(table, source.length);
  const varying = chooseRegion(table, choices.partition, probes);
  if (varying.placement === "logical") throw logicalError(varying);
  const shrunk = await shrinkOf(request, table, varying, probes);
  const after = placeRelayout(before, {
    number: varying.number,
    length: shrunk.length,
    last: choices.last ?? false,
    alignment: choices.alignment ?? defaultAlignment,
    diskLength: choices.diskLength,
  });
  composeTable(after);
  const moves = movesOf(table, after, varying.number, shrunk.content, probes);
  if (moves.every(({ from, to }) => from.offset === to.offset && from.length === to.length)) {
    throw new DiskImageError(
      "DISK_NOTHING_TO_DO",
      `partition ${varying.number} is neither moved nor shrunk`,
      {
        partition: varying.number,
      },
    );
  }
  const bootLoaders = await findBootLoaders(source, table);
  const notes = [
    ...bootLoaderNotes(bootLoaders, moves, choices.ignoreBootLoaders ?? false),
    ...(await layoutNotes(source, before, moves, request.signal)),
    ...shrunk.notes,
  ];
  return { before, after, moves, bootLoaders, notes, clock: choices.clock ?? shrunk.clock };
}

function movesOf(
  table: PartitionTable,
  after: TableDescription,
  varying: number,
  content: PartitionMove["content"],
  probes: FileSystemProbes,
): readonly PartitionMove[] {
  const moves = table.partitions.map(({ number, offset, length, placement }): PartitionMove => {
    const to = after.partitions.find((each) => each.number === number) ?? { offset, length };
    const probe = probes.get(number);
    return {
      number,
      from: { offset, length },
      to: { offset: to.offset, length: to.length },
      content: placement === "extended" ? "contains" : number === varying ? content : "copied",
      fileSystem: probe?.name === "unknown" ? undefined : probe?.name,
    };
  });
  return moves.toSorted((a, b) => a.to.offset - b.to.offset);
}

async function shrinkOf(
  request: PlanRelayoutRequest,
  table: PartitionTable,
  varying: Partition,
  probes: FileSystemProbes,
): Promise<Shrunk> {
  const { shrink } = request.choices;
  const same: Shrunk = { length: varying.length, content: "copied", clock: 0, notes: [] };
  if (shrink === undefined || ("length" in shrink && shrink.length >= varying.length)) return same;
  const probe = probes.get(varying.number);
  const shrunk = /^ext[234]$/.test(probe?.name ?? "")
    ? await shrinkExt(request, varying, shrink)
    : probe?.editable === true
      ? await shrinkFat(request, table, varying, shrink)
      : undefined;
  if (shrunk === undefined) {
    throw new DiskImageError(
      "DISK_NOT_SHRINKABLE",
      `partition ${varying.number} cannot be shrunk: ${probe === undefined || probe.name === "unknown" ? "no file system is known in it" : `its file system is ${probe.name}`}`,
      { partition: varying.number, fileSystem: probe?.name ?? "unknown" },
    );
  }
  return shrunk.length >= varying.length ? same : shrunk;
}

async function shrinkExt(request: PlanRelayoutRequest, varying: Partition, shrink: Shrink): Promise<Shrunk> {
  const { source, choices, signal } = request;
  const facts = await readExtFacts(source, varying);
  const unit = Math.max(choices.alignment ?? defaultAlignment, facts.blockLength);
  const least = await leastExtLength(source.path, varying, facts, signal);
  const length = "length" in shrink ? shrink.length : roundUp(least + shrink.reserve, unit);
  if (length < least) throw shrinkTooSmall(`partition ${varying.number}`, length, least);
  return { length: roundUp(length, facts.blockLength), content: "shrunk", clock: facts.writeTime, notes: [] };
}

async function shrinkFat(
  { source, choices }: PlanRelayoutRequest,
  { sectorLength }: PartitionTable,
  varying: Partition,
  shrink: Shrink,
): Promise<Shrunk> {
  if (choices.remakeFat !== true) {
    throw new DiskImageError(
      "DISK_FAT_NOT_SHRUNK",
      `partition ${varying.number} holds a FAT, which cannot be shrunk: it can be made anew from its files, if that is asked for`,
      { partition: varying.number },
    );
  }
  const view = await openFileSystem(source, varying);
  const nodes = nodesOfView(view);
  const least = fatLengthFor(nodes, { sectorLength });
  const unit = Math.max(choices.alignment ?? defaultAlignment, sectorLength);
  const length = "length" in shrink ? shrink.length : roundUp(least + shrink.reserve, unit);
  if (length < least) throw shrinkTooSmall(`partition ${varying.number}`, length, least);
  const kind = `fat${planFat({ length, sectorLength }).width}`;
  const message = `partition ${varying.number} becomes a ${kind} of ${length} bytes, it was a ${view.identity.kind}`;
  const notes: RelayoutNote[] = kind === view.identity.kind ? [] : [{ code: "OTHER_FAT", message }];
  return { length, content: "remade", clock: newestTime(view, nodes), notes };
}

function logicalError({ number }: Partition): DiskImageError {
  return new DiskImageError(
    "DISK_LOGICAL",
    `partition ${number} is logical: it cannot be moved or shrunk without the extended partition that it is in`,
    { partition: number },
  );
}

function roundUp(value: number, grain: number): number {
  return Math.ceil(value / grain) * grain;
}
