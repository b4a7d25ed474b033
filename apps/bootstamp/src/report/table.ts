import { printable } from "./printable.ts";

/** One column of {@link tableText}. Numbers belong to the right. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

const gap = "  ";
/** A column is not cut below this: what is left would say nothing. */
const leastWidth = 8;

/**
 * Lines of a table with aligned columns, two blanks between them; no trailing blanks. Widths are code points.
 * Where the lines would be longer than `width`, cells on the left side are cut, in the widest column first.
 */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number = Infinity,
): string[] {
  const titles = columns.map(({ title }) => title);
  const cells = rows.map((row) => row.map(printable));
  const needed = columns.map((_, index) =>
    [titles, ...cells].reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? "")), 0),
  );
  const widths = fitWidths(columns, needed, width);
  const lineOf = (row: readonly string[]): string =>
    columns
      .map(({ align }, index) => pad(cut(row[index] ?? "", widths[index] ?? 0), widths[index] ?? 0, align))
      .join(gap)
      .trimEnd();
  return [titles, ...cells].map(lineOf);
}

function fitWidths(columns: readonly Column[], needed: readonly number[], width: number): number[] {
  const widths = [...needed];
  const total = (): number => widths.reduce((sum, each) => sum + each, gap.length * (widths.length - 1));
  while (total() > width) {
    let widest = -1;
    for (const [index, each] of widths.entries()) {
      if (columns[index]?.align !== "right" && each > Math.max(leastWidth, widths[widest] ?? 0))
        widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** In the middle: names of one kind differ at their ends. */
function cut(cell: string, width: number): string {
  const signs = Array.from(cell);
  if (signs.length <= width) return cell;
  const kept = width - ellipsis.length;
  const start = Math.ceil(kept / 2);
  return [...signs.slice(0, start), ellipsis, ...signs.slice(signs.length - (kept - start))].join("");
}

const ellipsis = "..";

function pad(cell: string, width: number, align: Column["align"]): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(cell)));
  return align === "right" ? blanks + cell : cell + blanks;
}

function widthOf(text: string): number {
  return Array.from(text).length;
}
