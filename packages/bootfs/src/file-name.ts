import { decodeConfigText, encodeConfigText } from "@bootstamp/boot-config";
import { BootfsError } from "./bootfs-error.ts";

/**
 * Names on ext are bytes without a declared encoding: UTF-8 as text, other bytes as lone surrogates U+DC80..U+DCFF,
 * which turn back into them.
 */
export function decodeName(bytes: Uint8Array): string {
  return decodeConfigText(bytes);
}

export function encodeName(name: string): Uint8Array {
  return encodeConfigText(name);
}

/** Longest name on ext (linux/ext2_fs.h, EXT2_NAME_LEN) and, in bytes, of what we write to FAT. */
const nameLimit = 255;

/**
 * The rule that both file systems share. libext2fs damages the directory when a name is longer.
 * @throws BootfsError `BOOTFS_NAME`.
 */
export function checkNameBytes(name: string): void {
  const length = encodeName(name).length;
  if (length < 1 || length > nameLimit) {
    throw nameError(name, `is ${length} bytes long in UTF-8: 1 to ${nameLimit} are possible`);
  }
  if (name.includes("/") || name.includes("\0")) throw nameError(name, "holds a slash or a NUL");
  if (name === "." || name === "..") throw nameError(name, "is no name of its own");
}

export function nameError(name: string, complaint: string): BootfsError {
  return new BootfsError("BOOTFS_NAME", `the name ${JSON.stringify(name)} ${complaint}`, { name });
}
