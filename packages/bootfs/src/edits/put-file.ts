import { BootfsError } from "../bootfs-error.ts";
import type { FileAttributes, FileStat } from "../file-system.ts";
import { resolvePath, wholePath } from "../resolve-path.ts";
import { defaultDirectoryMode, defaultFileMode, type EditContext } from "./edit-context.ts";
import { makeDirectories } from "./make-directories.ts";

/**
 * Makes a file, with the directories above it, or replaces the content of one; a link at the end is followed.
 * A file that has the content already is left alone.
 * @throws BootfsError `BOOTFS_IS_DIRECTORY`, `BOOTFS_NOT_FILE`, `BOOTFS_NO_SPACE`, `BOOTFS_NAME` and as resolvePath.
 */
export async function putFile(
  context: EditContext,
  path: string,
  content: Uint8Array,
  attributes: FileAttributes = {},
  parentMode: number = defaultDirectoryMode,
): Promise<void> {
  const { fs, files } = context;
  const place = resolvePath(fs, path);
  const whole = wholePath(place);
  const sizes = { path: whole, length: content.length };
  if (place.stat === undefined) {
    for (const name of place.missing) fs.checkName(name);
    await makeDirectories(context, place.path, place.missing.slice(0, -1), parentMode);
    await fs.writeFile(whole, content, attributes.mode ?? defaultFileMode);
    if (attributes.uid !== undefined || attributes.gid !== undefined)
      await fs.setAttributes(whole, ownerOf(attributes));
    files.push({ ...sizes, action: "made" });
    return;
  }
  checkIsFile(whole, place.stat);
  const same = place.stat.length === content.length && Buffer.compare(fs.read(whole), content) === 0;
  if (!same) await fs.writeFile(whole, content, place.stat.mode);
  const changed = changedAttributes(place.stat, attributes);
  if (changed !== undefined) await fs.setAttributes(whole, changed);
  const action = same && changed === undefined ? "kept" : "changed";
  files.push({ ...sizes, action, lengthBefore: place.stat.length });
}

/** @throws BootfsError `BOOTFS_IS_DIRECTORY`, `BOOTFS_NOT_FILE`. */
export function checkIsFile(path: string, stat: FileStat): void {
  if (stat.kind === "file") return;
  if (stat.kind === "directory")
    throw new BootfsError("BOOTFS_IS_DIRECTORY", `${path} is a directory`, { path });
  throw new BootfsError("BOOTFS_NOT_FILE", `${path} is no file but a device, pipe or socket`, { path });
}

/** Those of the wanted attributes that the file does not have; undefined if it has them all. */
export function changedAttributes(stat: FileStat, wanted: FileAttributes): FileAttributes | undefined {
  const keys = ["mode", "uid", "gid"] as const;
  const changed = keys.filter((key) => wanted[key] !== undefined && wanted[key] !== stat[key]);
  return changed.length === 0 ? undefined : Object.fromEntries(changed.map((key) => [key, wanted[key]]));
}

function ownerOf({ uid, gid }: FileAttributes): FileAttributes {
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}
