import { describeLength } from "@bootstamp/declaration";
import type { SectorLength } from "@bootstamp/layout";
import type { Complain } from "./complain.ts";
import { called } from "./disk-order.ts";
import type { Layout, LayoutPartition } from "./layout.ts";
import { numberPartitions } from "./number-partitions.ts";
import type { PlacedLayout } from "./place-layout.ts";

/** A partition with its place. `lead` bytes before it are needed too. */
interface Place {
  readonly partition: LayoutPartition;
  readonly offset: number;
  readonly end: number;
  readonly lead: number;
}

/** Complains of places that the table, another partition or the end of the image forbids, and of what no table can say. */
export function checkPlaces(
  layout: Layout,
  sectorLength: SectorLength,
  placed: PlacedLayout,
  complain: Complain,
): void {
  const places = placesOf(layout, sectorLength, placed);
  const outer = places.filter(({ partition }) => partition.placement !== "logical");
  const inner = places.filter(({ partition }) => partition.placement === "logical");
  for (const place of outer) checkRange(place, placed, complain);
  checkOverlaps(outer, complain);
  checkOverlaps(inner, complain);
  const container = outer.find(({ partition }) => partition.placement === "extended");
  if (container !== undefined) for (const place of inner) checkInside(place, container, complain);
  if (layout.table === "mbr") checkMbrLimits(places, sectorLength, complain);
  checkNumbers(layout, complain);
}

function placesOf(layout: Layout, sectorLength: SectorLength, { extents }: PlacedLayout): readonly Place[] {
  return layout.partitions.map((partition) => {
    const { offset, length } = extents.get(partition) ?? { offset: 0, length: 0 };
    return {
      partition,
      offset,
      end: offset + length,
      lead: partition.placement === "logical" ? sectorLength : 0,
    };
  });
}

function checkRange(place: Place, { frame, diskLength }: PlacedLayout, complain: Complain): void {
  const { partition, offset, end } = place;
  const at = ["partitions", partition.index, "offset"];
  if (offset < frame.front)
    complain(
      "PLAN_OVERLAP",
      at,
      `${called(partition)} starts at ${offset} and overlaps the partition table, which has the first ${frame.front} bytes`,
    );
  else if (offset < frame.first)
    complain(
      "PLAN_OUT_OF_RANGE",
      at,
      `${called(partition)} starts at ${offset}, before the "first" byte that partitions may use, ${frame.first}`,
    );
  const last = diskLength - frame.back;
  if (end > last)
    complain(
      "PLAN_OUT_OF_RANGE",
      at,
      `${called(partition)} ends at ${end}, ${describeLength(end - last)} behind what partitions may use of the image of ${diskLength} bytes`,
    );
}

/** Each with the one before it on the disk is enough: whoever reaches further is kept. */
function checkOverlaps(places: readonly Place[], complain: Complain): void {
  let furthest: Place | undefined;
  for (const place of places.toSorted(
    (a, b) => a.offset - b.offset || a.partition.index - b.partition.index,
  )) {
    if (furthest !== undefined && place.offset - place.lead < furthest.end)
      complainOfOverlap(place, furthest, complain);
    if (furthest === undefined || place.end > furthest.end) furthest = place;
  }
}

/** At the later of the two in the list: the first may stand there because the second was forgotten. */
function complainOfOverlap(a: Place, b: Place, complain: Complain): void {
  const [first, second] = a.partition.index < b.partition.index ? [a, b] : [b, a];
  const record = a.lead > 0 && a.offset >= b.end ? " and leaves no room for its boot record" : "";
  complain(
    "PLAN_OVERLAP",
    ["partitions", second.partition.index, "offset"],
    record === ""
      ? `${described(second)} overlaps ${described(first)}`
      : `${described(a)} follows ${described(b)}${record}`,
  );
}

function described({ partition, offset, end }: Place): string {
  return `${called(partition)} (bytes ${offset} to ${end})`;
}

function checkInside(place: Place, container: Place, complain: Complain): void {
  if (place.offset - place.lead >= container.offset && place.end <= container.end) return;
  complain(
    "PLAN_OUT_OF_RANGE",
    ["partitions", place.partition.index, "offset"],
    `the logical partition ${described(place)}, with the boot record before it, is not inside the extended one (bytes ${container.offset} to ${container.end})`,
  );
}

/** SizeInLBA and StartingLBA of an MBR have 32 bits. */
const mbrSectors = 2 ** 32;

function checkMbrLimits(places: readonly Place[], sectorLength: SectorLength, complain: Complain): void {
  for (const { partition, end } of places) {
    if (end <= mbrSectors * sectorLength) continue;
    complain(
      "PLAN_TABLE_LIMIT",
      ["partitions", partition.index],
      `${called(partition)} ends at ${end}: an MBR with sectors of ${sectorLength} bytes reaches ${describeLength(mbrSectors * sectorLength)}, take a GPT`,
    );
  }
}

function checkNumbers(layout: Layout, complain: Complain): void {
  const primaries = layout.table === "gpt" ? layout.entries : 4;
  const numbers = numberPartitions(layout.partitions);
  for (const [{ placement, index }, number] of numbers) {
    const at = ["partitions", index];
    if (placement !== "logical" && number > primaries)
      complain(
        "PLAN_TABLE_LIMIT",
        at,
        layout.table === "gpt"
          ? `the table has room for ${primaries} partitions`
          : `an MBR has 4 primary partitions at most: let the last ones be "logical: true"`,
      );
  }
  const logicals = [...numbers].filter(([{ placement }]) => placement === "logical");
  for (const [{ index }, number] of logicals)
    if (number < 5 || number >= 5 + logicals.length)
      complain(
        "PLAN_TABLE_LIMIT",
        ["partitions", index, "number"],
        `logical partitions have the numbers from 5 on without gaps, got ${number}`,
      );
}
