import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { run } from "@bootstamp/witnesses";

/** Same bytes on each run: mke2fs draws a UUID and a hash seed otherwise, and writes the time. */
const fixed = [
  "-U",
  "5ff7ab11-73b3-4b96-8d2a-8c6d6f1c0a01",
  "-E",
  "hash_seed=8a1c0e0a-0c1d-4c6e-9d55-3d6a2f0b7c10,root_owner=0:0",
];
/** 2021-06-05 04:03:02. */
export const madeAt = 1_622_865_782;

export interface ExtOptions {
  /** Options of mke2fs. */
  readonly options?: readonly string[];
  readonly length?: number;
  /** A folder on this machine whose content comes into the file system. */
  readonly tree?: string;
}

/** Makes an ext file system in a file that is exactly as long. */
export async function makeExt(
  path: string,
  { options = [], length = 16 << 20, tree }: ExtOptions = {},
): Promise<void> {
  emptyFile(path, length);
  const from = tree === undefined ? [] : ["-d", tree];
  const env = { E2FSPROGS_FAKE_TIME: String(madeAt) };
  await run("mke2fs", ["-q", "-F", "-L", "boot", ...fixed, ...options, ...from, path], { env });
}

export interface FatOptions {
  /** Options of mkfs.vfat. */
  readonly options?: readonly string[];
  readonly length?: number;
  readonly tree?: string;
}

export async function makeFat(
  path: string,
  { options = [], length = 16 << 20, tree }: FatOptions = {},
): Promise<void> {
  emptyFile(path, length);
  await run("mkfs.vfat", ["--invariant", "-n", "BOOT", ...options, path]);
  if (tree === undefined) return;
  const env = { MTOOLS_SKIP_CHECK: "1", SOURCE_DATE_EPOCH: String(madeAt) };
  await run("sh", ["-c", `mcopy -s -i "$0" "$1"/* ::/`, path, tree], { env });
}

function emptyFile(path: string, length: number): void {
  rmSync(path, { force: true });
  writeFileSync(path, "");
  truncateSync(path, length);
}

/** Fills a folder anew. */
export function writeTree(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    const whole = `${folder}/${path}`;
    mkdirSync(whole.slice(0, whole.lastIndexOf("/")), { recursive: true });
    writeFileSync(whole, content);
  }
}
