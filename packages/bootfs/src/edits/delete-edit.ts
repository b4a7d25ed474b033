import { BootfsError } from "../bootfs-error.ts";
import type { DeleteEdit } from "../edit.ts";
import { joinPath } from "../path.ts";
import { notFound, resolvePath, wholePath } from "../resolve-path.ts";
import type { EditContext } from "./edit-context.ts";

/** A damaged or hostile tree may contain itself. */
const depthLimit = 200;

export async function applyDelete(context: EditContext, edit: DeleteEdit): Promise<void> {
  const place = resolvePath(context.fs, edit.path, false);
  if (place.stat === undefined) {
    if (edit.missingOk === true) return;
    throw notFound(edit.path, wholePath(place));
  }
  if (place.path === "/")
    throw new BootfsError("BOOTFS_NOT_POSSIBLE", "cannot delete the root directory", { path: "/" });
  await removeTree(context, place.path, 0);
}

/** Removes a file, a link, or a directory with all it holds. */
export async function removeTree(context: EditContext, path: string, depth: number): Promise<void> {
  const { fs, files } = context;
  if (depth > depthLimit) {
    throw new BootfsError(
      "BOOTFS_CORRUPT",
      `directories lie more than ${depthLimit} deep in one another at ${path}`,
      { path },
    );
  }
  const stat = fs.stat(path);
  if (stat?.kind === "directory") {
    for (const { name } of fs.list(path)) await removeTree(context, joinPath(path, name), depth + 1);
  }
  await fs.remove(path);
  files.push({ path, action: "removed", ...(stat?.kind === "file" ? { lengthBefore: stat.length } : {}) });
}
