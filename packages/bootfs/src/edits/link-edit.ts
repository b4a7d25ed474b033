import { BootfsError } from "../bootfs-error.ts";
import type { LinkEdit } from "../edit.ts";
import { joinPath } from "../path.ts";
import { notFound, resolvePath, wholePath } from "../resolve-path.ts";
import type { EditContext } from "./edit-context.ts";

export async function applyLink({ fs, files }: EditContext, edit: LinkEdit): Promise<void> {
  const place = resolvePath(fs, edit.path, false);
  const path = wholePath(place);
  if (place.missing.length > 1) throw notFound(edit.path, joinPath(place.path, place.missing[0] ?? ""));
  for (const name of place.missing) fs.checkName(name);
  if (place.stat?.kind === "directory") {
    throw new BootfsError("BOOTFS_IS_DIRECTORY", `cannot make ${path} a link: there is a directory`, {
      path,
    });
  }
  if (place.stat?.kind === "link" && fs.readLink(path) === edit.target) {
    files.push({ path, action: "kept" });
    return;
  }
  if (place.stat !== undefined) await fs.remove(path);
  await fs.makeLink(path, edit.target);
  files.push({ path, action: place.stat === undefined ? "made" : "changed" });
}
