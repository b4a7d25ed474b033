/*
 * An ext4 file system filled by `mke2fs -d`, in its place in an image, without root.
 *
 * mke2fs 1.47 sorts the files by itself, but takes times and owners from this machine: these are set afterwards, by
 * debugfs. What it would take from /etc/mke2fs.conf is in a configuration of our own.
 */
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ByteRange } from "@bootstamp/layout";
import { contentTooLarge } from "./content-too-large.ts";
import { DiskImageError } from "./disk-image-error.ts";
import type { TreeNode } from "./directory-tree.ts";
import { extBlockLength, extContentLength, extInodes, extLengthFor } from "./ext-needs.ts";
import { runTool } from "./external-tool.ts";

export interface ExtDirectory {
  /** The directory; undefined: none. */
  readonly path: string | undefined;
  readonly nodes: readonly TreeNode[];
  readonly place: ByteRange;
  /** "partition 3", for messages. */
  readonly what: string;
  readonly uuid: string;
  readonly label: string | undefined;
  readonly keepOwners: boolean;
  /** Seconds since 1970. */
  readonly clock: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * What Debian 12's mke2fs makes by default, so that kernels from 4.18 and GRUB from 2.04 on read it; but blocks of 4
 * KiB whatever the length, and none kept for root: room is the layout's to plan.
 */
const configuration = `[defaults]
  base_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr
  default_mntopts = acl,user_xattr
  enable_periodic_fsck = 0
  blocksize = ${extBlockLength}
  inode_size = 256
  inode_ratio = 16384
  reserved_ratio = 0
[fs_types]
  ext4 = {
    features = has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize
  }
  floppy = {
  }
  small = {
  }
  big = {
  }
  huge = {
  }
`;

/** The latest time that fits the signed 32 bits which debugfs sets. */
const latest = 2 ** 31 - 1;
/** Bytes of a label. */
const labelLimit = 16;

/**
 * Makes an ext4 file system at `place` of the image at `imagePath`, where there are zeros, with the files of a
 * directory.
 * @throws DiskImageError `DISK_TOOL_MISSING`, `DISK_TOOL_FAILED`, `DISK_CONTENT_TOO_LARGE`, `DISK_FILE_SYSTEM_LABEL`.
 */
export async function writeExtDirectory(imagePath: string, directory: ExtDirectory): Promise<void> {
  const { nodes, place, what, label } = directory;
  if (Buffer.byteLength(label ?? "") > labelLimit) {
    throw new DiskImageError(
      "DISK_FILE_SYSTEM_LABEL",
      `${what}: the label ${JSON.stringify(label)} has ${Buffer.byteLength(label ?? "")} bytes, ext4 has room for ${labelLimit}`,
      { label: label ?? "" },
    );
  }
  const missing = extContentLength(nodes) - place.length;
  if (missing > 0) throw contentTooLarge(what, place.length, missing, "at least");
  const scratch = await mkdtemp(join(tmpdir(), "bootstamp-ext4-"));
  try {
    // Tools that take an offset take it behind a "?" in the name, which thus must not have one of its own.
    const image = join(scratch, "image");
    await symlink(resolve(imagePath), image);
    await format(image, scratch, directory);
    await setInodes(image, directory);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function format(image: string, scratch: string, directory: ExtDirectory): Promise<void> {
  const { path, nodes, place, what, uuid, label, clock, signal } = directory;
  const config = join(scratch, "mke2fs.conf");
  await writeFile(config, configuration);
  const blocks = Math.floor(place.length / extBlockLength);
  const extended = `offset=${place.offset},hash_seed=${uuid},root_owner=0:0,no_copy_xattrs`;
  const names = ["-U", uuid, ...(label === undefined ? [] : ["-L", label])];
  const files = path === undefined ? [] : ["-d", path];
  const inodes = ["-N", String(extInodes(nodes, place.length))];
  // Without -b the count of blocks would be one of KiB.
  const shape = ["-t", "ext4", "-b", String(extBlockLength), ...inodes];
  const args = ["-q", "-F", ...shape, ...names, "-E", extended, ...files, image, String(blocks)];
  try {
    await runTool("mke2fs", args, { clock: clockOf(clock), env: { MKE2FS_CONFIG: config }, signal });
  } catch (error) {
    if (!isFull(error)) throw error;
    const missing = Math.max(extLengthFor(nodes) - place.length, extBlockLength);
    throw contentTooLarge(what, place.length, missing, "about");
  }
}

function isFull(error: unknown): boolean {
  if (!(error instanceof DiskImageError) || error.code !== "DISK_TOOL_FAILED") return false;
  // A full disk of this machine is said in other words: "No space left on device".
  return /could not allocate|not enough space to build/i.test(error.message);
}

async function setInodes(image: string, { place, keepOwners, clock, signal }: ExtDirectory): Promise<void> {
  const volume = `${image}?offset=${place.offset}`;
  const run = { clock: clockOf(clock), signal };
  const report = await runTool("dumpe2fs", [volume], run);
  const time = `@${clockOf(clock)}`;
  const times = ["atime", "ctime", "mtime", "crtime"].map((field) => `${field} ${time}`);
  const fields = keepOwners ? times : [...times, "uid 0", "gid 0"];
  const commands = usedInodes(report.stdout).flatMap((inode) =>
    fields.map((field) => `set_inode_field <${inode}> ${field}`),
  );
  await runTool("debugfs", ["-w", "-f", "-", volume], { ...run, input: `${commands.join("\n")}\n` });
}

const rootInode = 2;
const firstOrdinaryInode = 11;

/** The inodes of files, from what dumpe2fs says of free ones. */
function usedInodes(report: string): number[] {
  const total = Number(/^Inode count: +(\d+)$/m.exec(report)?.[1]);
  const isFree = new Uint8Array(total + 1);
  for (const [, ranges = ""] of report.matchAll(/^ {2}Free inodes: (.*)$/gm)) {
    for (const [, first = "", last = first] of ranges.matchAll(/(\d+)(?:-(\d+))?/g)) {
      isFree.fill(1, Number(first), Number(last) + 1);
    }
  }
  const used = Array.from(isFree.keys()).filter(
    (inode) => inode >= firstOrdinaryInode && isFree[inode] === 0,
  );
  return [rootInode, ...used];
}

function clockOf(clock: number): number {
  return Math.min(Math.max(clock, 1), latest);
}
