import { BootfsError } from "../bootfs-error.ts";
import type { FileAttributes, FileStat, FileSystem } from "../file-system.ts";
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
  const attributesChanged = await setAttributes(fs, whole, place.stat, attributes);
  const action = same && !attributesChanged ? "kept" : "changed";
  files.push({ ...sizes, action, lengthBefore: place.stat.length });
}

/** @throws BootfsError `BOOTFS_IS_DIRECTORY`, `BOOTFS_NOT_FILE`. */
export function checkIsFile(path: string, stat: FileStat): void {
  if (stat.kind === "file") return;
  if (stat.kind === "directory")
    throw new BootfsError("BOOTFS_IS_DIRECTORY", `${path} is a directory`, { path });
  throw new BootfsError("BOOTFS_NOT_FILE", `${path} is no file but a device, pipe or socket`, { path });
}

/** Gives a file those of the attributes that it does not have. @returns whether it has others now. */
export async function setAttributes(
  fs: FileSystem,
  path: string,
  before: FileStat,
  wanted: FileAttributes,
): Promise<boolean> {
  const keys = (["mode", "uid", "gid"] as const).filter((key) => wanted[key] !== undefined);
  // FAT shows an owner but keeps none, and refuses even the one that it shows.
  const asksOwner = fs.identity.kind.startsWith("fat") && keys.some((key) => key !== "mode");
  const differing = keys.filter((key) => asksOwner || wanted[key] !== before[key]);
  if (differing.length === 0) return false;
  await fs.setAttributes(path, Object.fromEntries(differing.map((key) => [key, wanted[key]])));
  const after = fs.stat(path);
  return differing.some((key) => after?.[key] !== before[key]);
}

function ownerOf({ uid, gid }: FileAttributes): FileAttributes {
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}
