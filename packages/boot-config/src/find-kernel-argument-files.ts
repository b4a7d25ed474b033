import { isEntryForGrub } from "./bls-entry.ts";
import { BootConfigError } from "./boot-config-error.ts";
import { decodeConfigText } from "./config-text.ts";
import { cachedList, type ListDirectory, matchPaths } from "./config-tree-match.ts";
import type { ConfigTree } from "./config-tree.ts";
import { cmdlineFileNames } from "./config-txt-cmdline.ts";
import type { KargsFile } from "./apply-kargs.ts";
import {
  cmdlinePatterns,
  configTxtPatterns,
  entryPatterns,
  extlinuxPatterns,
  grubPatterns,
  leftPatterns,
} from "./kernel-argument-locations.ts";
import { grubConfigTraits } from "./grub-config.ts";
import type { KargsKind } from "./kargs-kind.ts";
import { reasonToLeaveFile } from "./reason-to-leave-file.ts";

/** A file that was seen and is not edited. */
export interface LeftFile {
  readonly path: string;
  readonly reason: string;
}

export interface KernelArgumentFiles {
  /** Every file that holds kernel arguments, read, sorted by path; each once, however many paths lead to it. */
  readonly edit: readonly KargsFile[];
  readonly left: readonly LeftFile[];
}

interface Survey {
  readonly edit: KargsFile[];
  readonly left: LeftFile[];
  /** CoreOS has a link boot -> . and another for loader: the same file must not be edited twice. */
  readonly known: Set<string>;
  /** Bytes that may still be read. */
  budget: number;
}

/** Larger files are no configuration that a boot loader reads; a hostile image must not fill our memory. */
const largestConfig = 4 * 1024 * 1024;
const mostBytes = 64 * 1024 * 1024;

/**
 * Finds all files of a partition from which a boot loader may take kernel arguments. Where a grub.cfg calls
 * blscfg, all boot loader entries come as `bls-grub`, since GRUB then reads them; otherwise those that were
 * written for GRUB, whose grub.cfg may be on another partition.
 *
 * @throws BootConfigError KARGS_NO_FILE when nothing that can be edited is there: the message says where was
 * looked and what was left. Errors of the tree pass through.
 */
export async function findKernelArgumentFiles(tree: ConfigTree): Promise<KernelArgumentFiles> {
  const list = cachedList(tree);
  const survey: Survey = { edit: [], left: [], known: new Set(), budget: mostBytes };
  const take = async (kind: KargsKind, patterns: readonly string[]): Promise<KargsFile[]> => {
    const files = await readAll(tree, await matchAll(list, patterns), kind, survey);
    sortOut(files, survey);
    return files;
  };
  const grub = await take("grub", grubPatterns);
  await take(grub.some(({ text }) => callsBlscfg(text)) ? "bls-grub" : "bls", entryPatterns);
  await take("extlinux", extlinuxPatterns);
  await take("cmdline", [...cmdlinePatterns, ...(await cmdlinePathsOfConfigTxt(tree, list))]);
  for (const { pattern, reason } of leftPatterns) await leaveAll(tree, list, pattern, reason, survey);
  const found = { edit: sortByPath(survey.edit), left: sortByPath(survey.left) };
  if (found.edit.length === 0) throw nothingFound(found.left);
  return found;
}

async function matchAll(list: ListDirectory, patterns: readonly string[]): Promise<string[]> {
  return (await Promise.all(patterns.map((pattern) => matchPaths(list, pattern)))).flat();
}

/** Reads what is a file, is not too large and was not seen before, by its own path. */
async function readAll(
  tree: ConfigTree,
  paths: readonly string[],
  kind: KargsKind,
  survey: Survey,
): Promise<KargsFile[]> {
  const files: KargsFile[] = [];
  // One after the other: two paths may lead to the same file.
  for (const each of paths) {
    // oxlint-disable-next-line no-await-in-loop
    const place = await tree.locate(each);
    if (place?.type !== "file" || survey.known.has(place.path)) continue;
    const { path, size } = place;
    survey.known.add(path);
    if (size > Math.min(largestConfig, survey.budget)) {
      survey.left.push({ path, reason: `${size} bytes are too many for a configuration` });
      continue;
    }
    survey.budget -= size;
    // oxlint-disable-next-line no-await-in-loop
    const text = decodeConfigText(await tree.read(path));
    files.push({ path, kind: kind === "bls" && isEntryForGrub(text) ? "bls-grub" : kind, text });
  }
  return files;
}

function sortOut(files: readonly KargsFile[], survey: Survey): void {
  for (const file of files) {
    const reason = reasonToLeaveFile(file.kind, file.text);
    if (reason === undefined) survey.edit.push(file);
    else survey.left.push({ path: file.path, reason });
  }
}

function callsBlscfg(text: string): boolean {
  try {
    return grubConfigTraits(text).readsEntries;
  } catch (error) {
    if (error instanceof BootConfigError) return false;
    throw error;
  }
}

async function cmdlinePathsOfConfigTxt(tree: ConfigTree, list: ListDirectory): Promise<string[]> {
  const paths = await matchAll(list, configTxtPatterns);
  const named = await Promise.all(
    paths.map(async (path) => {
      const place = await tree.locate(path);
      if (place?.type !== "file" || place.size > largestConfig) return [];
      const text = decodeConfigText(await tree.read(place.path));
      const folder = path.slice(0, path.lastIndexOf("/"));
      return cmdlineFileNames(text).map((name) => `${folder}/${name}`);
    }),
  );
  return named.flat();
}

async function leaveAll(
  tree: ConfigTree,
  list: ListDirectory,
  pattern: string,
  reason: string,
  survey: Survey,
): Promise<void> {
  for (const path of await matchPaths(list, pattern)) {
    // oxlint-disable-next-line no-await-in-loop
    const place = await tree.locate(path);
    if (place?.type !== "file" || survey.known.has(place.path)) continue;
    survey.known.add(place.path);
    survey.left.push({ path: place.path, reason });
  }
}

function sortByPath<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function nothingFound(left: readonly LeftFile[]): BootConfigError {
  const looked = [...entryPatterns, ...grubPatterns, ...extlinuxPatterns, ...cmdlinePatterns];
  const seen = left.slice(0, 20).map(({ path, reason }) => `${path} (${reason})`);
  const tail = seen.length > 0 ? `; seen and left: ${seen.join(", ")}` : "";
  return new BootConfigError(
    "KARGS_NO_FILE",
    `looking for kernel arguments: no file that holds any; looked for ${looked.join(" ")}${tail}`,
    { looked, left: left.map(({ path }) => path) },
  );
}
