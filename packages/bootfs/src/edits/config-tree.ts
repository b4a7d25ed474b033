import type { ConfigTree } from "@bootstamp/boot-config";
import { BootfsError } from "../bootfs-error.ts";
import type { FileSystemReader } from "../file-system.ts";
import { resolvePath, type Place } from "../resolve-path.ts";

/** A file system as the search for boot configuration sees it: a path that leads nowhere is no error. */
export function configTreeOf(fs: FileSystemReader): ConfigTree {
  const find = (path: string): Place | undefined => {
    try {
      return resolvePath(fs, path);
    } catch (error) {
      if (error instanceof BootfsError && leadsNowhere.has(error.code)) return undefined;
      throw error;
    }
  };
  return {
    list: async (directory) => {
      const place = find(directory);
      return place?.stat?.kind === "directory" ? fs.list(place.path).map(({ name }) => name) : [];
    },
    locate: async (path) => {
      const place = find(path);
      if (place?.stat === undefined) return undefined;
      const { kind, length } = place.stat;
      return {
        path: place.path,
        type: kind === "file" || kind === "directory" ? kind : "other",
        size: length,
      };
    },
    read: async (path) => fs.read(path),
  };
}

const leadsNowhere: ReadonlySet<string> = new Set([
  "BOOTFS_LINK_LOOP",
  "BOOTFS_NOT_DIRECTORY",
  "BOOTFS_NOT_FOUND",
]);
