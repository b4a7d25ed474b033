import type { MkdirEdit } from "../edit.ts";
import { notDirectory, resolvePath, wholePath } from "../resolve-path.ts";
import { defaultDirectoryMode, type EditContext } from "./edit-context.ts";
import { makeDirectories } from "./make-directories.ts";
import { setAttributes } from "./put-file.ts";

export async function applyMkdir(context: EditContext, edit: MkdirEdit): Promise<void> {
  const { fs, files } = context;
  const place = resolvePath(fs, edit.path);
  const path = wholePath(place);
  if (place.stat !== undefined && place.stat.kind !== "directory") throw notDirectory(path);
  for (const name of place.missing) fs.checkName(name);
  await makeDirectories(context, place.path, place.missing.slice(0, -1), defaultDirectoryMode);
  if (place.stat === undefined) await fs.makeDirectory(path, edit.mode ?? defaultDirectoryMode);
  const stat = fs.stat(path);
  const changed = stat !== undefined && (await setAttributes(fs, path, stat, edit));
  const action = place.stat === undefined ? "made" : changed ? "changed" : "kept";
  files.push({ path, action });
}
