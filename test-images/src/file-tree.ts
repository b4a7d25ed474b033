import { readFileSync } from "node:fs";

/** The content of a file that goes into an image: text, bytes, or a file of this machine by its path. */
export type FileContent = string | Uint8Array | { readonly hostPath: string };

/** Files by their path inside a file system, without a leading slash. Folders follow from the paths. */
export type FileTree = Readonly<Record<string, FileContent>>;

/** Every file time in every image, in seconds: 2023-11-14 22:13:20 UTC. Even, since FAT counts in steps of two. */
export const imageEpoch = 1_700_000_000;

/** The environment in which mke2fs, debugfs and mtools write the same bytes every time. */
export const fixedTimes: Readonly<Record<string, string>> = {
  SOURCE_DATE_EPOCH: String(imageEpoch),
  E2FSPROGS_FAKE_TIME: String(imageEpoch),
};

/** Returns the bytes of a file's content; a file of this machine is read whole. */
export function bytesOf(content: FileContent): Uint8Array {
  if (typeof content === "string") return Buffer.from(content);
  return content instanceof Uint8Array ? content : readFileSync(content.hostPath);
}
