import { DiskImageError } from "./disk-image-error.ts";

/**
 * Says that what is to go into a partition is longer than it.
 * @param how well `missing`, in bytes, is known.
 */
export function contentTooLarge(
  what: string,
  length: number,
  missing: number,
  how: "exactly" | "at least" | "about",
): DiskImageError {
  const bytes = missing.toLocaleString("en-US");
  const needed = how === "exactly" ? bytes : `${how} ${bytes}`;
  return new DiskImageError(
    "DISK_CONTENT_TOO_LARGE",
    `${what} has ${length.toLocaleString("en-US")} bytes, too few for its content: ${needed} bytes are missing`,
    { length, missing },
  );
}
