import { extentEnd, totalLength, type Extent } from "@bootstamp/segment-map";
import type { ReadLayout } from "../open-image.ts";
import { printable } from "./printable.ts";
import { shareText, sizeText } from "./quantity.ts";
import { fullSigns, plainSigns, stripLines, type PackedPart, type StripPart } from "./strip.ts";
import { tableText, type Column } from "./table.ts";

/** One row of the layout: a partition, or what lies outside all of them. */
export interface LayoutRow extends Extent {
  /** Absent for what lies outside the partitions. */
  readonly number: number | undefined;
  readonly label: string;
  readonly type: string;
  readonly fileSystem: string;
  readonly stored: number;
  /** Packed bytes; absent where nothing is known of them. */
  readonly packed: number | undefined;
}

/** What a drawing of an image needs. */
export interface ImagePicture {
  readonly length: number;
  readonly layout: ReadLayout;
  /** Absent for a raw image. */
  readonly stored?: readonly Extent[];
  /** What the parts of the image come to compressed, and whether that is an estimate. */
  readonly packed?: readonly PackedPart[];
  readonly estimated?: boolean;
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
      label: partition.name === "" ? (probe?.label ?? "") : partition.name,
      type: partition.typeName ?? partition.typeId,
      fileSystem: probe === undefined || probe.name === "unknown" ? "" : probe.name,
      stored,
      packed,
    };
  });
  const rest = restRow(rows, picture);
  return rest.length > 0 ? [...rows, rest] : rows;
}

/** The strip and the table of partitions below it. */
export function layoutLines(picture: ImagePicture, columns: number, unicode: boolean): string[] {
  const rows = layoutRows(picture);
  const parts = rows.flatMap((row): StripPart[] =>
    row.number === undefined
      ? []
      : [{ offset: row.offset, length: row.length, title: printable(`${row.number} ${row.label}`.trim()) }],
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

function tableColumns({ stored, packed, estimated = false }: ImagePicture): Column[] {
  const right = { align: "right" } as const;
  return [
    { title: "#", ...right },
    { title: "label" },
    { title: "type" },
    { title: "holds" },
    { title: "size", ...right },
    ...(stored === undefined ? [] : [{ title: "stored", ...right }]),
    ...(packed === undefined
      ? []
      : [
          { title: estimated ? "packed, about" : "packed", ...right },
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
    ...(picture.stored === undefined ? [] : [row.stored === 0 ? "" : sizeText(row.stored)]),
  ];
  if (picture.packed === undefined || row.packed === undefined) return cells;
  return [...cells, sizeText(row.packed), shareText(row.packed, packedLengthOf(picture.packed))];
}

function sharesOf(
  extent: Extent,
  { stored = [], packed: parts }: ImagePicture,
): { stored: number; packed: number | undefined } {
  const packed = parts?.reduce(
    (sum, part) => sum + (part.packedLength * overlap(extent, part)) / part.length,
    0,
  );
  return {
    stored: stored.reduce((sum, each) => sum + overlap(extent, each), 0),
    packed: packed === undefined ? undefined : Math.round(packed),
  };
}

/** Everything outside the partitions: tables, boot code, gaps. */
function restRow(rows: readonly LayoutRow[], picture: ImagePicture): LayoutRow {
  const packedInAll = picture.packed === undefined ? undefined : packedLengthOf(picture.packed);
  const packedInParts = rows.reduce((sum, { packed }) => sum + (packed ?? 0), 0);
  return {
    number: undefined,
    label: "(outside)",
    type: "",
    fileSystem: "",
    offset: 0,
    length: picture.length - totalLength(rows),
    stored: totalLength(picture.stored ?? []) - rows.reduce((sum, { stored }) => sum + stored, 0),
    packed: packedInAll === undefined ? undefined : Math.max(0, packedInAll - packedInParts),
  };
}

function packedLengthOf(parts: readonly PackedPart[]): number {
  return parts.reduce((sum, { packedLength }) => sum + packedLength, 0);
}

function overlap(a: Extent, b: Extent): number {
  return Math.max(0, Math.min(extentEnd(a), extentEnd(b)) - Math.max(a.offset, b.offset));
}
