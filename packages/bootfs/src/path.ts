import { BootfsError } from "./bootfs-error.ts";

/** The names of an absolute path; `.` and doubled or trailing slashes vanish. @throws BootfsError `BOOTFS_NAME`. */
export function splitPath(path: string): string[] {
  if (!path.startsWith("/")) {
    throw new BootfsError("BOOTFS_NAME", `the path ${JSON.stringify(path)} does not start with a slash`, {
      path,
    });
  }
  return namesOf(path);
}

/** The names of a path that may be relative, such as a link's target. */
export function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** `parent` is canonical. */
export function joinPath(parent: string, name: string): string {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}

/** The canonical path above; the root is above itself. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

/** The last name of a canonical path; empty for the root. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
