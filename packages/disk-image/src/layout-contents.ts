import { resolve } from "node:path";
import type { SectorLength } from "@bootstamp/layout";
import type { Layout, PartitionContent, PlanFacts, PlannedLayout } from "@bootstamp/layout-plan";
import type { DiskContent, NewFileSystem } from "./disk-content.ts";
import { measureContent } from "./measure-content.ts";

/** What goes into the partitions of a plan, by their numbers. Paths are taken from `directory`, that of the layout file. */
export function contentsOfPlan(plan: PlannedLayout, directory: string): ReadonlyMap<number, DiskContent> {
  const contents = new Map<number, DiskContent>();
  for (const { number, content } of plan.partitions) {
    const put = contentOf(content, directory);
    if (put !== undefined) contents.set(number, put);
  }
  return contents;
}

/**
 * Measures the contents of a layout, for each of its sector lengths, as `planLayout` wants to know them. Paths are
 * taken from `directory`.
 * @throws DiskImageError `DISK_CONTENT_UNREADABLE`; SourceError.
 */
export async function measureLayout(layout: Layout, directory: string): Promise<PlanFacts["contentLength"]> {
  const lengths = new Map<string, number>();
  for (const { content } of layout.partitions) {
    const put = contentOf(content, directory);
    if (put === undefined) continue;
    for (const sectorLength of layout.sectors) {
      lengths.set(keyOf(content, sectorLength), await measureContent(put, sectorLength));
    }
  }
  return (content, sectorLength) => lengths.get(keyOf(content, sectorLength));
}

function contentOf(content: PartitionContent, directory: string): DiskContent | undefined {
  if (content.kind === "nothing") return undefined;
  if (content.kind === "image") return { kind: "image", path: resolve(directory, content.path) };
  const { name, label, uuid } = content.fileSystem;
  const fileSystem: NewFileSystem = { fileSystem: name, uuid, ...(label === "" ? {} : { label }) };
  if (content.kind === "file-system") return { kind: "file-system", ...fileSystem };
  return { kind: "directory", path: resolve(directory, content.path), ...fileSystem };
}

function keyOf(content: PartitionContent, sectorLength: SectorLength): string {
  return JSON.stringify([content, sectorLength]);
}
