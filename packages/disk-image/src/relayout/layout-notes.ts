import type { ByteSource } from "@bootstamp/byte-source";
import type { TableDescription } from "@bootstamp/layout";
import { isMoved } from "./boot-loader-notes.ts";
import type { PartitionMove, RelayoutNote } from "./relayout-plan.ts";
import { findStrayData } from "./stray-data.ts";

/** What a person should know of how partitions come to lie. Reads what lies between them. */
export async function layoutNotes(
  source: ByteSource,
  before: TableDescription,
  moves: readonly PartitionMove[],
  signal: AbortSignal | undefined,
): Promise<readonly RelayoutNote[]> {
  const stray = await findStrayData(source, before, signal);
  return [...orderNotes(before, moves), ...stray.map(strayNote)];
}

function orderNotes(before: TableDescription, moves: readonly PartitionMove[]): readonly RelayoutNote[] {
  const order = moves.filter(({ content }) => content !== "contains").map(({ number }) => number);
  const wasLast = before.partitions.toSorted((a, b) => b.offset - a.offset)[0]?.number;
  const notes: RelayoutNote[] = [];
  const isSorted = order.every((number, index) => index === 0 || number > (order[index - 1] ?? 0));
  if (moves.some(isMoved) && !isSorted) {
    notes.push({
      code: "NUMBERS_KEPT",
      message: `on disk the partitions now lie in the order ${order.join(", ")}; they keep their numbers`,
    });
  }
  if (wasLast !== undefined && order.at(-1) !== wasLast) {
    notes.push({
      code: "CANNOT_GROW",
      message: `partition ${wasLast} is no longer behind all others: what enlarges it on the first boot will find no room`,
    });
  }
  return notes;
}

function strayNote(offset: number): RelayoutNote {
  return {
    code: "STRAY_DATA",
    message: `there are data at offset ${offset} that belong to no partition: they are left behind`,
  };
}
