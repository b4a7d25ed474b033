import type { EditReport } from "@bootstamp/bootfs";

const shownFiles = 3;

/** The files that edits changed, in one line. */
export function changedFiles(reports: readonly EditReport[]): string {
  const changed = reports.flatMap(({ files }) => files.filter(({ action }) => action !== "kept"));
  const names = [...new Set(changed.map(({ path }) => path))];
  const more = names.length - shownFiles;
  return names.slice(0, shownFiles).join(" ") + (more > 0 ? ` and ${more} more` : "");
}
