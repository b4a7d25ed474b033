import { BootfsError } from "../bootfs-error.ts";
import type { CopyInEdit, TreeEntry } from "../edit.ts";
import { nameError } from "../file-name.ts";
import { joinPath, namesOf, parentOf } from "../path.ts";
import { notDirectory, resolvePath, wholePath } from "../resolve-path.ts";
import { noSpace, roundUp } from "../space.ts";
import { defaultDirectoryMode, type EditContext } from "./edit-context.ts";
import { applyLink } from "./link-edit.ts";
import { makeDirectories } from "./make-directories.ts";
import { putFile, setAttributes } from "./put-file.ts";

export async function applyCopyIn(context: EditContext, edit: CopyInEdit): Promise<void> {
  const { fs } = context;
  checkEntries(context, edit);
  await checkRoom(context, edit);
  const target = resolvePath(fs, edit.path);
  const above = edit.entries.some((entry) => entry.path === "")
    ? target.missing.slice(0, -1)
    : target.missing;
  for (const name of target.missing) fs.checkName(name);
  await makeDirectories(context, target.path, above, defaultDirectoryMode);
  const written: TreeEntry[] = [];
  for (const entry of edit.entries) {
    if (await copyEntry(context, placeOf(edit, entry), entry)) written.push(entry);
  }
  // After all files: changing owners in between would cost far more than it does at once.
  for (const entry of written) await setOwner(context, edit, entry);
}

/** @returns false for a directory that was there and stays as it is. */
async function copyEntry(context: EditContext, path: string, entry: TreeEntry): Promise<boolean> {
  if (entry.kind === "directory") return await copyDirectory(context, path, entry.mode);
  if (entry.kind === "file") await putFile(context, path, entry.content, { mode: entry.mode });
  else await applyLink(context, { verb: "link", path, target: entry.target });
  return true;
}

async function copyDirectory(context: EditContext, path: string, mode: number): Promise<boolean> {
  const place = resolvePath(context.fs, path);
  if (place.stat === undefined) await makeDirectories(context, place.path, place.missing, mode);
  else if (place.stat.kind !== "directory") throw notDirectory(wholePath(place));
  return place.stat === undefined;
}

async function setOwner({ fs }: EditContext, edit: CopyInEdit, entry: TreeEntry): Promise<void> {
  const { path, stat } = resolvePath(fs, placeOf(edit, entry), entry.kind !== "link");
  const owner = {
    ...(edit.uid === undefined ? {} : { uid: edit.uid }),
    ...(edit.gid === undefined ? {} : { gid: edit.gid }),
  };
  if (stat !== undefined) await setAttributes(fs, path, stat, owner);
}

function placeOf(edit: CopyInEdit, entry: TreeEntry): string {
  return namesOf(entry.path).reduce(joinPath, edit.path);
}

/** Before anything is written: a name that cannot be, and two that FAT would take for one. */
function checkEntries({ fs }: EditContext, edit: CopyInEdit): void {
  const seen = new Map<string, string[]>();
  for (const entry of edit.entries) {
    const names = entry.path === "" ? [] : entry.path.split("/");
    for (const name of names) fs.checkName(name);
    const name = names.at(-1);
    if (name === undefined) continue;
    const siblings = seen.get(parentOf(`/${entry.path}`)) ?? [];
    const twin = siblings.find((other) => fs.sameName(other, name));
    if (twin !== undefined)
      throw nameError(name, `and ${JSON.stringify(twin)} are one name here, both below ${edit.path}`);
    seen.set(parentOf(`/${entry.path}`), [...siblings, name]);
  }
}

/** Says for the whole tree what is missing, where it cannot fit. */
async function checkRoom({ fs }: EditContext, edit: CopyInEdit): Promise<void> {
  await fs.flush();
  const { blockLength } = fs.identity;
  const needs = edit.entries.map((entry) => {
    if (entry.kind !== "file") return 0;
    const length = roundUp(entry.content.length, blockLength);
    return length - roundUp(fileLength({ fs }, placeOf(edit, entry)), blockLength);
  });
  const missing = needs.reduce((sum, need) => sum + need, 0) - fs.freeBytes();
  if (missing > 0) throw noSpace(edit.path, missing);
}

function fileLength({ fs }: Pick<EditContext, "fs">, path: string): number {
  try {
    const { stat } = resolvePath(fs, path);
    return stat?.kind === "file" ? stat.length : 0;
  } catch (error) {
    // It will be said when its turn comes.
    if (error instanceof BootfsError) return 0;
    throw error;
  }
}
