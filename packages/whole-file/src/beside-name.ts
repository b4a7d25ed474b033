import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** File systems allow names of 255 bytes, and an ending may have a process's mark in it. */
const longestName = 160;

/**
 * The hidden name beside `path` that ends in `ending`: `.NAME.ENDING`. A name too long for that is cut and told by its
 * digest, so that no two files have one. An ending may have 90 bytes.
 */
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
