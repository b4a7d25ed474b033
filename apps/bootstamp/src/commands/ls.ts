import { viewRegion, type FileKind, type RegionView } from "@bootstamp/bootfs";
import type { RegionChoice } from "@bootstamp/layout";
import { aboutFile } from "../about-file.ts";
import { readLayout, regionOf } from "../open-image.ts";
import { openReadable } from "../open-readable.ts";
import type { Reporter } from "../report/reporter.ts";
import { tableText } from "../report/table.ts";

export interface LsOptions {
  readonly image: string;
  readonly path: string;
  readonly region?: RegionChoice;
  readonly sectorLength?: 512 | 4096;
}

/** Lists a directory of a file system inside an image; of anything else it shows that alone. */
export async function ls(options: LsOptions, reporter: Reporter, signal: AbortSignal): Promise<void> {
  const { image: path, region: choice = { role: "boot" }, sectorLength } = options;
  const image = await openReadable(path, { reporter, signal });
  try {
    await aboutFile(image.name, async () => {
      const region = regionOf(await readLayout(image.raw, sectorLength), choice);
      const view = await viewRegion(image.raw, region);
      try {
        tell(await list(view, options.path), options.path, reporter);
      } finally {
        await view.close();
      }
    });
  } finally {
    await image.close();
  }
}

interface Entry {
  readonly name: string;
  readonly kind: FileKind;
  readonly length: number;
  /** Four octal digits. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly modified: number;
  /** Of a link. */
  readonly target?: string;
}

async function list(view: RegionView, path: string): Promise<Entry[]> {
  const there = await view.stat(path);
  if (there.kind !== "directory") return [entryOf(path, there)];
  const entries = await view.list(path);
  const found: Entry[] = [];
  for (const { name, kind } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = `${path.replace(/\/$/, "")}/${name}`;
    found.push(kind === "link" ? await linkOf(view, inside, name) : entryOf(name, await view.stat(inside)));
  }
  return found;
}

function entryOf(name: string, { kind, length, mode, uid, gid, modified }: Stat): Entry {
  return { name, kind, length, mode: mode.toString(8).padStart(4, "0"), uid, gid, modified };
}

type Stat = Awaited<ReturnType<RegionView["stat"]>>;

/** What it leads to need not be there. */
async function linkOf(view: RegionView, path: string, name: string): Promise<Entry> {
  const target = await view.readLink(path);
  return { name, kind: "link", length: target.length, mode: "0777", uid: 0, gid: 0, modified: 0, target };
}

const signs: Readonly<Record<FileKind, string>> = { file: "-", directory: "d", link: "l", other: "?" };

function tell(entries: readonly Entry[], path: string, reporter: Reporter): void {
  const rows = entries.map(({ name, kind, length, mode, uid, gid, modified, target }) => [
    `${signs[kind]}${mode}`,
    kind === "link" ? "" : `${uid}:${gid}`,
    kind === "file" ? String(length) : "",
    kind === "link" ? "" : new Date(modified * 1000).toISOString().slice(0, 19).replace("T", " "),
    target === undefined ? name : `${name} -> ${target}`,
  ]);
  const columns = [
    { title: "mode" },
    { title: "owner" },
    { title: "bytes", align: "right" as const },
    { title: "changed, UTC" },
    { title: "name" },
  ];
  reporter.tell({ event: "listed", path, entries }, tableText(columns, rows));
}
