// The image as a strip of cells, from its first byte on the left to its last on the right:
//
//            1        2 boot            3 root
//   parts    ├───────┤├────────────────┤├──────────────────────────┤
//   stored     ▪       ▪ ▪                                             cells with stored extents
//   packed   ▁▂▁      ▁▆▇▇▇▇▃▁          ▂▃▅▅▅▆▆▆▆▅▅▂                   packed bytes per raw byte
import { extentEnd, type Extent, type Segment } from "@bootstamp/segment-map";

export interface StripPart extends Extent {
  readonly title: string;
}

export interface StripImage {
  readonly length: number;
  readonly parts: readonly StripPart[];
  readonly stored: readonly Extent[];
  /** Absent before the image is compressed. */
  readonly segments?: readonly Segment[];
}

/** The signs to draw with; plain ones for terminals that have no others. */
export interface StripSigns {
  readonly left: string;
  readonly line: string;
  readonly right: string;
  readonly only: string;
  readonly stored: string;
  /** From nothing to all of the raw size. */
  readonly levels: readonly string[];
}

export const fullSigns: StripSigns = {
  left: "├",
  line: "─",
  right: "┤",
  only: "╫",
  stored: "▪",
  levels: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

export const plainSigns: StripSigns = {
  left: "|",
  line: "-",
  right: "|",
  only: "|",
  stored: "#",
  levels: [" ", ".", ":", "-", "=", "+", "*", "%", "@"],
};

const labelWidth = 8;

/** Draws `image` as lines of at most `width` cells with a legend on the left. */
export function stripLines(image: StripImage, width: number, signs: StripSigns): string[] {
  const cells = Math.max(10, width - labelWidth);
  const row = (label: string, content: string): string => (label.padEnd(labelWidth) + content).trimEnd();
  const lines = [
    row("", titleRow(image, cells)),
    row("parts", partRow(image, cells, signs)),
    row("stored", storedRow(image, cells, signs)),
  ];
  if (image.segments !== undefined)
    lines.push(row("packed", packedRow(image.length, image.segments, cells, signs)));
  return lines;
}

/** First and last cell that `extent` lies in; every extent has one at least. */
function cellsOf(extent: Extent, length: number, cells: number): { first: number; last: number } {
  const first = Math.min(cells - 1, Math.floor((extent.offset / length) * cells));
  const last = Math.min(cells - 1, Math.max(first, Math.ceil((extentEnd(extent) / length) * cells) - 1));
  return { first, last };
}

function titleRow({ parts, length }: StripImage, cells: number): string {
  let row = "";
  for (const part of parts) {
    const { first } = cellsOf(part, length, cells);
    if (first < row.length) continue;
    row = row.padEnd(first);
    const room = cells - first;
    row += `${Array.from(part.title).slice(0, room).join("")} `;
  }
  return row;
}

function partRow({ parts, length }: StripImage, cells: number, signs: StripSigns): string {
  const row = Array.from({ length: cells }, () => " ");
  for (const part of parts) {
    const { first, last } = cellsOf(part, length, cells);
    if (first === last) {
      row[first] = signs.only;
      continue;
    }
    row.fill(signs.line, first, last + 1);
    row[first] = signs.left;
    row[last] = signs.right;
  }
  return row.join("");
}

function storedRow({ stored, length }: StripImage, cells: number, signs: StripSigns): string {
  const row = Array.from({ length: cells }, () => " ");
  for (const extent of stored) {
    const { first, last } = cellsOf(extent, length, cells);
    row.fill(signs.stored, first, last + 1);
  }
  return row.join("");
}

function packedRow(length: number, segments: readonly Segment[], cells: number, signs: StripSigns): string {
  const packed = packedPerCell(length, segments, cells);
  const highest = signs.levels.length - 1;
  return [...packed]
    .map((bytes) => {
      const share = bytes / (length / cells);
      // A cell that holds anything worth speaking of shows it; zeros packed 1000 to 1 do not.
      return (
        signs.levels[share < 0.002 ? 0 : Math.min(highest, Math.max(1, Math.round(share * highest)))] ?? ""
      );
    })
    .join("");
}

/** Packed bytes by cell, each segment's spread evenly over its raw bytes. */
function packedPerCell(length: number, segments: readonly Segment[], cells: number): Float64Array {
  const packed = new Float64Array(cells);
  const cellLength = length / cells;
  for (const { rawOffset, rawLength, packedLength } of segments) {
    const { first, last } = cellsOf({ offset: rawOffset, length: rawLength }, length, cells);
    for (let cell = first; cell <= last; cell++) {
      const from = Math.max(rawOffset, cell * cellLength);
      const to = Math.min(rawOffset + rawLength, (cell + 1) * cellLength);
      packed[cell] = (packed[cell] ?? 0) + (packedLength * Math.max(0, to - from)) / rawLength;
    }
  }
  return packed;
}
