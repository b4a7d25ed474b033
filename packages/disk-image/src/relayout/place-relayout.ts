import { gptUsable, type TableDescription } from "@bootstamp/layout";

type Placed = TableDescription["partitions"][number];

/** What is to be other than it is. */
export interface RelayoutPlaces {
  readonly number: number;
  /** Bytes that the partition is to have. */
  readonly length: number;
  readonly last: boolean;
  readonly alignment: number;
  /** Bytes of the image; undefined: as few as the partitions need. */
  readonly diskLength: number | undefined;
}

/**
 * Places the partitions of an image anew: those before the first change stay where they are, the others follow without
 * gaps but for the alignment, in their old order. Nothing of what makes a partition but its place is changed. Logical
 * partitions go with the extended one that they are in.
 */
export function placeRelayout(table: TableDescription, places: RelayoutPlaces): TableDescription {
  const units = table.partitions.filter((each) => !isLogical(each)).toSorted((a, b) => a.offset - b.offset);
  const varying = units.filter(({ number }) => number === places.number);
  const others = units.filter(({ number }) => number !== places.number);
  const ordered = places.last ? [...others, ...varying] : units;
  const moved = new Map<number, { readonly offset: number; readonly length: number }>();
  let end = units[0]?.offset ?? 0;
  let isSame = true;
  for (const [index, unit] of ordered.entries()) {
    isSame = isSame && units[index] === unit;
    const offset = isSame ? unit.offset : roundUp(end, places.alignment);
    const length = unit.number === places.number ? places.length : unit.length;
    moved.set(unit.number, { offset, length });
    isSame = isSame && length === unit.length;
    end = offset + length;
  }
  return withPlaces(table, moved, end, places);
}

function withPlaces(
  table: TableDescription,
  moved: ReadonlyMap<number, { readonly offset: number; readonly length: number }>,
  end: number,
  { alignment, diskLength }: RelayoutPlaces,
): TableDescription {
  const container = table.partitions.find((each) => "placement" in each && each.placement === "extended");
  const delta = container === undefined ? 0 : (moved.get(container.number)?.offset ?? 0) - container.offset;
  const place = <T extends Placed>(partition: T): T =>
    Object.assign({}, partition, moved.get(partition.number) ?? { offset: partition.offset + delta });
  if (table.kind === "mbr") {
    return {
      ...table,
      diskLength: diskLength ?? roundUp(end, alignment),
      partitions: table.partitions.map(place),
    };
  }
  const length = diskLength ?? roundUp(end + backupLength(table), alignment);
  const { usable: before, ...rest } = table;
  const widest = gptUsable({ ...rest, diskLength: length });
  const from = before?.offset ?? widest.offset;
  const usable = { offset: from, length: widest.offset + widest.length - from };
  return { ...table, diskLength: length, usable, partitions: table.partitions.map(place) };
}

/** What a GPT has behind its partitions. */
function backupLength({ sectorLength, ...table }: TableDescription & { readonly kind: "gpt" }): number {
  const entries = (table.entryCount ?? 128) * (table.entryLength ?? 128);
  return roundUp(entries, sectorLength) + sectorLength;
}

function isLogical(partition: Placed): boolean {
  return "placement" in partition && partition.placement === "logical";
}

function roundUp(value: number, grain: number): number {
  return Math.ceil(value / grain) * grain;
}
