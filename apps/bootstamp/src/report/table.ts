/** One column of {@link tableText}. Numbers belong to the right. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Lines of a table with aligned columns, two blanks between them; no trailing blanks. Widths are code points. */
export function tableText(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, index) =>
    Math.max(...[titles, ...rows].map((row) => widthOf(row[index] ?? ""))),
  );
  const lineOf = (row: readonly string[]): string =>
    columns
      .map(({ align }, index) => pad(row[index] ?? "", widths[index] ?? 0, align))
      .join("  ")
      .trimEnd();
  return [titles, ...rows].map(lineOf);
}

function pad(cell: string, width: number, align: Column["align"]): string {
  const blanks = " ".repeat(width - widthOf(cell));
  return align === "right" ? blanks + cell : cell + blanks;
}

function widthOf(text: string): number {
  return Array.from(text).length;
}
