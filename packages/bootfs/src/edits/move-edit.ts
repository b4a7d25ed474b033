import { BootfsError } from "../bootfs-error.ts";
import type { MoveEdit } from "../edit.ts";
import { joinPath, nameOf, namesOf, parentOf } from "../path.ts";
import { notFound, resolveExisting, resolvePath, wholePath, type Place } from "../resolve-path.ts";
import type { EditContext } from "./edit-context.ts";

export async function applyMove({ fs, files }: EditContext, edit: MoveEdit): Promise<void> {
  const { path: from } = resolveExisting(fs, edit.from, false);
  const place = resolvePath(fs, edit.to, false);
  const to = targetPath(edit.to, place);
  checkMove(edit, from, to, place);
  if (from === to) {
    files.push({ path: to, action: "kept" });
    return;
  }
  fs.checkName(nameOf(to));
  if (place.stat !== undefined && place.path !== from) {
    await fs.remove(place.path);
    files.push({ path: place.path, action: "removed", lengthBefore: place.stat.length });
  }
  await fs.rename(from, to);
  files.push({ path: to, action: "moved", from });
}

/** With the last name as it was asked for: on FAT a move can change the case of letters only. */
function targetPath(asked: string, place: Place): string {
  const name = namesOf(asked).at(-1);
  const plain = name === undefined || name === "..";
  return place.stat === undefined || plain ? wholePath(place) : joinPath(parentOf(place.path), name);
}

function checkMove(edit: MoveEdit, from: string, to: string, place: Place): void {
  if (place.missing.length > 1) throw notFound(edit.to, joinPath(place.path, place.missing[0] ?? ""));
  if (from === "/" || to.startsWith(`${from}/`)) {
    throw new BootfsError("BOOTFS_NOT_POSSIBLE", `cannot move ${from} into itself, to ${to}`, { path: from });
  }
  if (place.stat?.kind === "directory" && place.path !== from) {
    throw new BootfsError("BOOTFS_EXISTS", `cannot move ${from} to ${to}: there is a directory`, {
      path: to,
    });
  }
}
