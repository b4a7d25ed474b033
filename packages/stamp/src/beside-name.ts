import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** No file system's names are shorter than 255 bytes, and a lock's has its process's mark in it. */
const longestName = 160;

/** The hidden name beside `path` that ends in `ending`: `.NAME.ENDING`. A name too long for that is cut and told by its digest. */
export function besideName(path: string, ending: string): string {
  const name = basename(path);
  const bytes = Buffer.from(name);
  const short = bytes.length <= longestName ? name : cutName(bytes);
  return join(dirname(path), `.${short}.${ending}`);
}

function cutName(bytes: Buffer): string {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  // A character that was cut in two would not be UTF-8.
  const cut = bytes
    .subarray(0, longestName - digest.length)
    .toString("utf8")
    .replaceAll("\uFFFD", "");
  return `${cut}~${digest}`;
}

/** Where the journal of the file at `path` is. */
export function journalPath(path: string): string {
  return besideName(path, "bootstamp-journal");
}

/** Where the mark is that the checksums of the file at `path` may not be those of its bytes. */
export function markPath(path: string): string {
  return besideName(path, "bootstamp-unsealed");
}
