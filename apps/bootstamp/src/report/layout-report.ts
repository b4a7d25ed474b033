import { extentEnd, totalLength, type Extent, type Segment } from "@bootstamp/segment-map";
import type { ReadLayout } from "../open-image.ts";
import { printable } from "./printable.ts";
import { shareText, sizeText } from "./quantity.ts";
import { fullSigns, plainSigns, stripLines, type StripPart } from "./strip.ts";
import { tableText, type Column } from "./table.ts";

/** One row of the layout: a partition, or what lies outside all of them. */
export interface LayoutRow extends Extent {
  /** Absent for what lies outside the partitions. */
  readonly number: number | undefined;
  readonly label: string;
  readonly type: string;
  readonly fileSystem: string;
  readonly stored: number;
  /** Packed bytes; absent before the image is compressed. */
  readonly packed: number | undefined;
}

/** What a drawing of an image needs. */
export interface ImagePicture {
  readonly length: number;
  readonly layout: ReadLayout;
  readonly stored: readonly Extent[];
  readonly segments?: readonly Segment[];
}

/** The partitions of `picture` with what is stored in each and what each comes to packed, and a row for the rest. */
export function layoutRows(picture: ImagePicture): LayoutRow[] {
  const { table, probes } = picture.layout;
  const real = table.partitions.filter(({ placement }) => placement !== "extended");
  const rows = real.map((partition): LayoutRow => {
    const probe = probes.get(partition.number);
    const { stored, packed } = sharesOf(partition, picture);
    return {
      number: partition.number,
      offset: partition.offset,
      length: partition.length,
      label: printable(partition.name === "" ? (probe?.label ?? "") : partition.name),
      type: partition.typeName ?? partition.typeId,
      fileSystem: probe === undefined || probe.name === "unknown" ? "" : probe.name,
      stored,
      packed,
    };
  });
  return [...rows, restRow(rows, picture)];
}

/** The strip and the table of partitions below it. */
export function layoutLines(picture: ImagePicture, columns: number, unicode: boolean): string[] {
  const rows = layoutRows(picture);
  const parts = rows.flatMap((row): StripPart[] =>
    row.number === undefined
      ? []
      : [{ offset: row.offset, length: row.length, title: `${row.number} ${row.label}`.trim() }],
  );
  const strip = stripLines({ ...picture, parts }, columns, unicode ? fullSigns : plainSigns);
  return [
    ...strip,
    "",
    ...tableText(
      tableColumns(picture),
      rows.map((row) => cellsOf(row, picture)),
    ),
  ];
}

function tableColumns({ segments }: ImagePicture): Column[] {
  const right = { align: "right" } as const;
  return [
    { title: "#", ...right },
    { title: "label" },
    { title: "type" },
    { title: "holds" },
    { title: "size", ...right },
    { title: "stored", ...right },
    ...(segments === undefined
      ? []
      : [
          { title: "packed", ...right },
          { title: "share", ...right },
        ]),
  ];
}

function cellsOf(row: LayoutRow, picture: ImagePicture): string[] {
  const cells = [
    row.number === undefined ? "" : String(row.number),
    row.label,
    row.type,
    row.fileSystem,
    sizeText(row.length),
    row.stored === 0 ? "" : sizeText(row.stored),
  ];
  if (picture.segments === undefined || row.packed === undefined) return cells;
  const packedLength = picture.segments.reduce((sum, segment) => sum + segment.packedLength, 0);
  return [...cells, sizeText(row.packed), shareText(row.packed, packedLength)];
}

function sharesOf(
  extent: Extent,
  { stored, segments }: ImagePicture,
): { stored: number; packed: number | undefined } {
  const packed = segments?.reduce((sum, segment) => {
    const part = overlap(extent, { offset: segment.rawOffset, length: segment.rawLength });
    return sum + (segment.packedLength * part) / segment.rawLength;
  }, 0);
  return {
    stored: stored.reduce((sum, each) => sum + overlap(extent, each), 0),
    packed: packed === undefined ? undefined : Math.round(packed),
  };
}

/** Everything outside the partitions: tables, boot code, gaps. */
function restRow(rows: readonly LayoutRow[], picture: ImagePicture): LayoutRow {
  const packedInAll = picture.segments?.reduce((sum, segment) => sum + segment.packedLength, 0);
  const packedInParts = rows.reduce((sum, { packed }) => sum + (packed ?? 0), 0);
  return {
    number: undefined,
    label: "(outside)",
    type: "",
    fileSystem: "",
    offset: 0,
    length: picture.length - totalLength(rows),
    stored: totalLength(picture.stored) - rows.reduce((sum, { stored }) => sum + stored, 0),
    packed: packedInAll === undefined ? undefined : Math.max(0, packedInAll - packedInParts),
  };
}

function overlap(a: Extent, b: Extent): number {
  return Math.max(0, Math.min(extentEnd(a), extentEnd(b)) - Math.max(a.offset, b.offset));
}
