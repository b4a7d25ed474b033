import { BootfsError } from "../bootfs-error.ts";
import type { FileSystemReader } from "../file-system.ts";
import { resolveExisting } from "../resolve-path.ts";
import { configTreeOf } from "./config-tree.ts";
import { checkIsFile } from "./put-file.ts";

/**
 * The canonical path of a file that is named, or is at one of some usual places.
 * @throws BootfsError `BOOTFS_NOT_FOUND`, and `BOOTFS_NOT_POSSIBLE` where different files are at more than one place.
 */
export async function findOne(
  fs: FileSystemReader,
  what: string,
  named: string | undefined,
  usual: readonly string[],
): Promise<string> {
  if (named !== undefined) {
    const { path, stat } = resolveExisting(fs, named);
    checkIsFile(path, stat);
    return path;
  }
  const tree = configTreeOf(fs);
  const places = await Promise.all(usual.map((path) => tree.locate(path)));
  const found = [
    ...new Set(places.filter((place) => place?.type === "file").map((place) => place?.path ?? "")),
  ];
  const [first] = found;
  if (first === undefined) {
    throw new BootfsError(
      "BOOTFS_NOT_FOUND",
      `found no ${what}: looked for ${usual.join(", ")}; name it with path`,
    );
  }
  if (found.length > 1) {
    throw new BootfsError(
      "BOOTFS_NOT_POSSIBLE",
      `found more than one ${what}: ${found.join(", ")}; choose one with path`,
    );
  }
  return first;
}
