/** A Markdown table whose source lines up too. Columns whose title begins with `>` are set to the right. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = titles.map((title) => title.startsWith(">"));
  const heads = titles.map((title) => title.replace(/^>/, ""));
  const widths = heads.map((head, column) =>
    Math.max(3, head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = heads.map((_, column) => {
      const cell = cells[column] ?? "";
      const width = widths[column] ?? 0;
      return right[column] === true ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, column) =>
    right[column] === true ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [line(heads), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}
