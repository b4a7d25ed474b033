import type { StampArtifact } from "./stamp.ts";

/** Orders artifacts by what they are for; 0 for two that are for the same. */
export function compareArtifacts(a: StampArtifact, b: StampArtifact): number {
  if (a.format !== b.format) return a.format < b.format ? -1 : 1;
  if (a.stampable === b.stampable) return 0;
  return a.stampable < b.stampable ? -1 : 1;
}

/** So narrow that the order of names is that of their bytes, and that a name can go into a file's name. */
export function isFormatName(name: string): boolean {
  return /^[a-z0-9]{1,16}$/.test(name);
}
