import type { Measurements } from "./measurements.ts";
import type { WatchedArtifact } from "./watched-build.ts";

/** An artifact, and what gzip says of it. */
export interface Result extends WatchedArtifact {
  readonly verdict: string;
}

type Row = readonly string[];

/** The table of what each variant cost, and below it what compressing each anew would have. */
export function resultLines(
  results: readonly Result[],
  measured: Measurements,
  testCommand: string,
): string[] {
  const header: Row = ["variant", "stamped in", "bytes", "sha256", testCommand];
  const rows = results.map(({ variant, identity, length, sha256, verdict }): Row => {
    const seconds = measured.stampSeconds[identity];
    return [
      variant,
      seconds === undefined ? "before" : secondsText(seconds),
      String(length),
      `${sha256.slice(0, 16)}…`,
      verdict,
    ];
  });
  return ["", ...alignedLines([header, ...rows]), "", ...comparisonLines(results, measured)];
}

function comparisonLines(results: readonly Result[], measured: Measurements): string[] {
  const { pressSeconds, compressSeconds, compressCommand = "" } = measured;
  const stamps = results.map(({ identity }) => measured.stampSeconds[identity] ?? 0);
  const stampSeconds = stamps.reduce((sum, seconds) => sum + seconds, 0);
  const lines: string[] = [];
  if (pressSeconds !== undefined) {
    lines.push(
      `here    ${secondsText(pressSeconds)} to compress the base once, and ${secondsText(stampSeconds)} to stamp ${results.length} variants, without their digests`,
    );
  }
  if (compressSeconds !== undefined) {
    const all = secondsText(compressSeconds * results.length);
    lines.push(
      `anew    ${secondsText(compressSeconds)} for ${compressCommand} of one raw image, measured once, in one thread: for ${results.length} images about ${all}`,
    );
  }
  return lines;
}

function secondsText(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(seconds < 1 ? 3 : 1)} s` : `${Math.round(seconds)} s`;
}

/** Numbers to the right. */
const rightColumns = new Set([1, 2]);

function alignedLines(rows: readonly Row[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const aligned = (cell: string, column: number): string =>
    rightColumns.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(aligned).join("  ").trimEnd());
}
