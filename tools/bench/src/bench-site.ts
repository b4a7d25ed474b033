import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, partitionOf, type ImageInfo } from "@bootstamp/test-images";

/** Where a run of the benchmarks works, and on what. */
export interface BenchSite {
  readonly folder: string;
  readonly image: ImageInfo;
  /** Words that start the program, built. */
  readonly bootstamp: readonly string[];
}

const root = join(import.meta.dirname, "../../..");

export async function openSite(): Promise<BenchSite> {
  const folder = mkdtempSync(join(process.env["TMPDIR"] ?? tmpdir(), "bootstamp-bench-"));
  const image = await buildImage("debian-grub");
  return { folder, image, bootstamp: [process.execPath, join(root, "apps/bootstamp/bin/bootstamp.js")] };
}

export function closeSite({ folder }: BenchSite): void {
  rmSync(folder, { recursive: true, force: true });
}

export interface SpecChoice {
  readonly name: string;
  readonly image: string;
  readonly formats?: readonly string[];
  readonly compression?: object;
  readonly variants?: number;
  readonly store?: "touched" | "whole";
  readonly digests?: readonly string[];
  readonly directory?: string;
}

/** Writes a spec with kernel arguments and a small file for each variant, and returns its path. */
export function writeSpec(site: BenchSite, choice: SpecChoice): string {
  const {
    name,
    image,
    formats = ["gz"],
    compression = {},
    variants = 2,
    store = "touched",
    digests = [],
  } = choice;
  const directory = choice.directory ?? join(site.folder, name);
  const rows = Array.from({ length: variants }, (_, index) => ({ id: String(index) }));
  const spec = {
    version: 1,
    base: { image },
    region: { role: "boot" },
    store,
    output: { directory, formats, digests, compression },
    variants: [
      {
        name: "v{{ row.id }}",
        rows,
        edits: [
          { kargs: { append: ["platform.id=v{{ row.id }}"] } },
          { write: { path: "/marker.txt", content: "variant {{ row.id }}\n" } },
        ],
      },
    ],
  };
  const path = join(site.folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(spec));
  return path;
}

/** A file of `length` bytes whose first ones are `image`'s, without its holes filled. */
export function enlarged(site: BenchSite, image: ImageInfo, length: number): string {
  const path = join(site.folder, `sparse-${length}.img`);
  if (!existsSync(path)) {
    execFileSync("cp", ["--sparse=always", image.path, path]);
    execFileSync("truncate", ["--size", String(length), path]);
  }
  return path;
}

/** A mounted XFS with reflinks in a file, or undefined where that cannot be had. */
export function mountXfs(
  site: BenchSite,
  gibibytes: number,
): { folder: string; unmount: () => void } | undefined {
  const file = join(site.folder, "xfs.img");
  const folder = join(site.folder, "xfs");
  try {
    execFileSync("truncate", ["--size", `${gibibytes}G`, file]);
    execFileSync("mkfs.xfs", ["-q", "-m", "reflink=1", file]);
    mkdirSync(folder);
    execFileSync("mount", ["-o", "loop", file, folder]);
  } catch {
    rmSync(file, { force: true });
    return undefined;
  }
  const unmount = (): void => {
    execFileSync("umount", [folder]);
    rmSync(file, { force: true });
  };
  return { folder, unmount };
}

export function lengthOf(path: string): number {
  return statSync(path).size;
}

export function bootOffset(image: ImageInfo): number {
  return partitionOf(image, "boot").offset;
}
