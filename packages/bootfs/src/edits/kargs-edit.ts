import {
  applyKargsToFiles,
  BootConfigError,
  decodeConfigText,
  encodeConfigText,
  findKernelArgumentFiles,
  kargsKindOfFile,
  type ConfigTree,
  type KargsFile,
  type KargsFileResult,
  type KernelArgumentFiles,
} from "@bootstamp/boot-config";
import { BootfsError } from "../bootfs-error.ts";
import type { KargsEdit } from "../edit.ts";
import { resolveExisting } from "../resolve-path.ts";
import { configTreeOf } from "./config-tree.ts";
import type { EditContext } from "./edit-context.ts";
import { checkIsFile, putFile } from "./put-file.ts";

export async function applyKargs(context: EditContext, edit: KargsEdit): Promise<void> {
  const tree = configTreeOf(context.fs);
  const { verb: _verb, paths, ...change } = edit;
  const found =
    paths === undefined ? await findKernelArgumentFiles(tree) : await namedFiles(context, tree, paths);
  const results = applyKargsToFiles(found.edit, change);
  for (const result of results) await writeResult(context, result);
  context.left.push(...found.left, ...results.flatMap(leftLines));
}

async function writeResult(context: EditContext, result: KargsFileResult): Promise<void> {
  const { path, kind, kernelLines, unmatchedLines } = result;
  await putFile(context, path, encodeConfigText(result.text));
  const last = context.files.pop();
  if (last !== undefined) context.files.push({ ...last, kind, kernelLines, unmatchedLines });
}

function leftLines({ path, left }: KargsFileResult): { path: string; lineNumber: number; reason: string }[] {
  return left.map(({ lineNumber, reason }) => ({ path, lineNumber, reason }));
}

/** @throws BootfsError `BOOTFS_NOT_POSSIBLE` where the name of a file does not tell how it is to be read. */
async function namedFiles(
  { fs }: EditContext,
  tree: ConfigTree,
  paths: readonly string[],
): Promise<KernelArgumentFiles> {
  const known = await searched(tree);
  const files = new Map<string, KargsFile>();
  for (const asked of paths) {
    const { path, stat } = resolveExisting(fs, asked);
    checkIsFile(path, stat);
    files.set(path, known.find((file) => file.path === path) ?? readNamed(fs.read(path), path, asked));
  }
  return { edit: [...files.values()], left: [] };
}

/** What the search finds: it knows whether GRUB reads the boot loader entries, which decides how they are quoted. */
async function searched(tree: ConfigTree): Promise<readonly KargsFile[]> {
  try {
    return (await findKernelArgumentFiles(tree)).edit;
  } catch (error) {
    if (error instanceof BootConfigError && error.code === "KARGS_NO_FILE") return [];
    throw error;
  }
}

function readNamed(bytes: Uint8Array, path: string, asked: string): KargsFile {
  const text = decodeConfigText(bytes);
  const kind = kargsKindOfFile(path, text) ?? kargsKindOfFile(asked, text);
  if (kind === undefined) {
    throw new BootfsError(
      "BOOTFS_NOT_POSSIBLE",
      `cannot tell by its name how ${path} holds kernel arguments: expected loader/entries/*.conf, grub.cfg, extlinux.conf or cmdline.txt`,
      { path },
    );
  }
  return { path, kind, text };
}
