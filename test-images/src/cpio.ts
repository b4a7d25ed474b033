// A cpio archive in the "newc" form that Linux takes as initramfs (Linux, Documentation/driver-api/early-userspace/
// buffer-format.rst): per file a header of 6 + 13 * 8 hexadecimal digits, the name with its NUL, and the content, the
// last two filled to a multiple of 4.

export interface CpioEntry {
  readonly path: string;
  /** File type and permissions, as stat has them. */
  readonly mode: number;
  readonly content?: Uint8Array;
  /** Major and minor number of a device node. */
  readonly device?: readonly [major: number, minor: number];
}

const magic = "070701";
const blockLength = 512;

/** Encodes an archive. Every time is 0 and every owner root. Folders must come before what is in them. */
export function encodeCpio(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.map((entry, index) => encodeEntry(entry, index + 1));
  return pad(Buffer.concat([...parts, encodeEntry({ path: "TRAILER!!!", mode: 0 }, 0)]), blockLength);
}

function encodeEntry(
  { path, mode, content = new Uint8Array(), device = [0, 0] }: CpioEntry,
  inode: number,
): Buffer {
  const name = Buffer.from(`${path}\0`);
  const [major, minor] = device;
  // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, name.length, 0];
  const digits = fields.map((field) => field.toString(16).toUpperCase().padStart(8, "0"));
  return Buffer.concat([
    pad(Buffer.concat([Buffer.from(magic + digits.join("")), name]), 4),
    pad(content, 4),
  ]);
}

function pad(bytes: Uint8Array, unit: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((unit - (bytes.length % unit)) % unit)]);
}
