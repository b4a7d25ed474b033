import type { ByteRange } from "@bootstamp/layout";
import { DiskImageError } from "../disk-image-error.ts";
import { describeBootLoader, type BootLoader } from "./boot-loader.ts";
import type { PartitionMove, RelayoutNote } from "./relayout-plan.ts";

/**
 * What moves mean for boot loaders that read sectors by their numbers.
 * @throws DiskImageError `DISK_BOOT_LOADER` for one that would no longer find them, unless `ignored`.
 */
export function bootLoaderNotes(
  loaders: readonly BootLoader[],
  moves: readonly PartitionMove[],
  ignored: boolean,
): readonly RelayoutNote[] {
  return loaders.map((loader) => {
    const hit = moves.find((move) => breaks(loader, move));
    if (hit === undefined) return keptNote(loader, moves);
    const message = `${describeBootLoader(loader)} ${reasonOf(loader, hit)}`;
    if (ignored)
      return { code: "BOOT_LOADER_MOVED", message: `${message}: install it anew before the image is booted` };
    throw new DiskImageError("DISK_BOOT_LOADER", `${message}: it would not start any more`, {
      bootLoader: loader.name,
      partition: hit.number,
    });
  });
}

function breaks({ reads, partition }: BootLoader, move: PartitionMove): boolean {
  const isRewritten = move.content === "shrunk" || move.content === "remade";
  if (reads.from === "partition") return partition === move.number && isRewritten;
  if (!isRewritten && !isMoved(move)) return false;
  // Code in the first sector of a partition is also found by that partition's place.
  if (reads.runs === "unknown") return true;
  return reads.runs.some((run) => shareBytes(run, move.from));
}

function reasonOf({ reads }: BootLoader, { number, content, to }: PartitionMove): string {
  const what =
    content === "shrunk"
      ? `partition ${number}, which is to be shrunk`
      : content === "remade"
        ? `partition ${number}, which is to be made anew`
        : `partition ${number}, which is to be moved to offset ${to.offset}`;
  return reads.from === "disk" && reads.runs === "unknown"
    ? `reads sectors of the disk by lists that cannot be told from here, maybe in ${what}`
    : `reads sectors in ${what}`;
}

function keptNote(loader: BootLoader, moves: readonly PartitionMove[]): RelayoutNote {
  const where = describeBootLoader(loader);
  const own = moves.find(({ number }) => number === loader.partition);
  if (loader.reads.from === "partition" && own !== undefined && isMoved(own)) {
    return {
      code: "BOOT_LOADER_MOVED",
      message: `${where} moves with its partition, whose place it has from the MBR's code; an MBR that does not pass it on needs it installed anew`,
    };
  }
  const runs = loader.reads.from === "disk" && loader.reads.runs !== "unknown" ? loader.reads.runs : [];
  const holders = moves.filter(({ from }) => runs.some((run) => shareBytes(run, from)));
  const place = holders.length === 0 ? "sectors before the partitions" : `partition ${holders[0]?.number}`;
  const message =
    loader.reads.from === "partition"
      ? `${where} stays where it is`
      : `${where} reads ${place}, which stays where it is; /boot it finds by its UUID or by the partition's number, which both are kept`;
  return { code: "BOOT_LOADER_KEPT", message };
}

export function isMoved({ from, to }: PartitionMove): boolean {
  return from.offset !== to.offset;
}

function shareBytes(a: ByteRange, b: ByteRange): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}
