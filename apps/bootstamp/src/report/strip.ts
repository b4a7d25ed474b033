// The image as a strip of cells, from its first byte on the left to its last on the right:
//
//            1        2 boot            3 root
//   parts    ├───────┤├────────────────┤├──────────────────────────┤
//   stored     ▪       ▪ ▪                                             cells with stored extents
//   packed   ▁▂▁      ▁▆▇▇▇▇▃▁          ▂▃▅▅▅▆▆▆▆▅▅▂                   packed bytes per raw byte
import { extentEnd, type Extent } from "@bootstamp/segment-map";

export interface StripPart extends Extent {
  readonly title: string;
}

export interface StripImage {
  readonly length: number;
  readonly parts: readonly StripPart[];
  /** Absent where nothing is stored as yet, or nothing ever will be. */
  readonly stored?: readonly Extent[];
  /** What parts of the image come to compressed, in order; absent where nothing is known of that. */
  readonly packed?: readonly PackedPart[];
}

/** A part of the image, and the bytes that it has compressed. */
export interface PackedPart extends Extent {
  readonly packedLength: number;
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
  const lines = [row("", titleRow(image, cells)), row("parts", partRow(image, cells, signs))];
  if (image.stored !== undefined)
    lines.push(row("stored", storedRow(image.length, image.stored, cells, signs)));
  if (image.packed !== undefined)
    lines.push(row("packed", packedRow(image.length, image.packed, cells, signs)));
  return lines;
}

/** First and last cell that `extent` lies in; every extent has one at least. */
function cellsOf(extent: Extent, length: number, cells: number): { first: number; last: number } {
  const first = Math.min(cells - 1, Math.floor((extent.offset / length) * cells));
  const last = Math.min(cells - 1, Math.max(first, Math.ceil((extentEnd(extent) / length) * cells) - 1));
  return { first, last };
}

/** Titles over the first cells of their parts, cut where the next begins. Of parts with one cell in common, the first. */
function titleRow({ parts, length }: StripImage, cells: number): string {
  const titles = new Map<number, string>();
  for (const part of parts) {
    const { first } = cellsOf(part, length, cells);
    if (!titles.has(first)) titles.set(first, part.title);
  }
  const starts = [...titles.keys()].toSorted((a, b) => a - b);
  let row = "";
  for (const [index, start] of starts.entries()) {
    const room = (starts[index + 1] ?? cells + 1) - start - 1;
    // A single sign right before the next title would read as a part of it.
    const title = Array.from(titles.get(start) ?? "").slice(0, Math.max(room, 1));
    row = row.padEnd(start) + title.join("");
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

function storedRow(length: number, stored: readonly Extent[], cells: number, signs: StripSigns): string {
  const row = Array.from({ length: cells }, () => " ");
  for (const extent of stored) {
    const { first, last } = cellsOf(extent, length, cells);
    row.fill(signs.stored, first, last + 1);
  }
  return row.join("");
}

function packedRow(length: number, parts: readonly PackedPart[], cells: number, signs: StripSigns): string {
  const packed = packedPerCell(length, parts, cells);
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

/** Packed bytes by cell, each part's spread evenly over its raw bytes. */
function packedPerCell(length: number, parts: readonly PackedPart[], cells: number): Float64Array {
  const packed = new Float64Array(cells);
  const cellLength = length / cells;
  for (const part of parts) {
    const { first, last } = cellsOf(part, length, cells);
    for (let cell = first; cell <= last; cell++) {
      const from = Math.max(part.offset, cell * cellLength);
      const to = Math.min(extentEnd(part), (cell + 1) * cellLength);
      packed[cell] = (packed[cell] ?? 0) + (part.packedLength * Math.max(0, to - from)) / part.length;
    }
  }
  return packed;
}
