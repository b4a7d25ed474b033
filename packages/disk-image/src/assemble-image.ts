import { open } from "node:fs/promises";
import { FileSource, writeAt } from "@bootstamp/byte-source";
import { composeTable, type ByteRange, type SectorLength, type TableDescription } from "@bootstamp/layout";
import { writeWholeFile } from "@bootstamp/whole-file";
import { contentTooLarge } from "./content-too-large.ts";
import { DiskImageError } from "./disk-image-error.ts";
import { startMeter, type DiskJob, type Meter } from "./disk-progress.ts";
import { readTree, type TreeNode } from "./directory-tree.ts";
import { writeExtDirectory } from "./ext-directory.ts";
import { filesOf, writeFatDirectory, type UnfinishedImage } from "./fat-directory.ts";
import { checkFitsSectors } from "./file-system-fit.ts";
import { checkedUuid, derivedUuid, fatSerial } from "./file-system-id.ts";
import type { DirectoryContent, DiskContent, FileSystemContent } from "./disk-content.ts";
import { copySparse } from "./sparse-file.ts";

export interface AssembleRequest extends DiskJob {
  /** The image's table, lengths and places in numbers. */
  readonly table: TableDescription;
  /** By the partitions' numbers. */
  readonly contents: ReadonlyMap<number, DiskContent>;
  /** Where the image goes; replaced if it is there. */
  readonly output: string;
  /** Code for the start of the MBR, 440 bytes at most. */
  readonly bootCode?: Uint8Array;
  /** Seconds since 1970: the time of every file system and file that is made. */
  readonly clock: number;
}

/** An image that was assembled. */
export interface AssembledImage {
  readonly path: string;
  readonly length: number;
  readonly sectorLength: SectorLength;
  /** In the order of their numbers. */
  readonly partitions: readonly AssembledPartition[];
}

export interface AssembledPartition extends ByteRange {
  readonly number: number;
  /** What was put in; undefined: nothing. */
  readonly content: DiskContent["kind"] | undefined;
  /** What kind of file system is in there, as far as it is known. */
  readonly fileSystem: string | undefined;
  /** Bytes of the image or of the directory's files that were put in. */
  readonly contentLength: number;
}

/** A content that was looked at, ready to be written. */
interface PreparedContent {
  readonly partition: AssembledPartition;
  readonly write: (image: UnfinishedImage, meter: Meter) => Promise<void>;
}

type NewContent = DirectoryContent | FileSystemContent;
type PlacedPartition = TableDescription["partitions"][number];

/** Bytes of an MBR before its table. */
const bootCodeLimit = 440;

/**
 * Writes a disk image: its partition table, and in each partition what belongs there.
 *
 * The file appears when it is complete, is sparse, and depends on the request, the files that it names and the version
 * of e2fsprogs alone: not on the time, on who runs it or on the order in which this machine lists a directory. Contents
 * are looked at before anything is written. Memory: some 100 MiB at most, and the largest file that goes into a FAT.
 *
 * @throws LayoutError as `composeTable`; DiskImageError `DISK_NO_PARTITION`, `DISK_BOOT_CODE`,
 * `DISK_CONTENT_TOO_LARGE` with the bytes missing, `DISK_CONTENT_UNREADABLE`, `DISK_SECTOR_LENGTH`,
 * `DISK_ENTRY_UNSUPPORTED`, `DISK_FILE_SYSTEM_ID`, `DISK_FILE_SYSTEM_LABEL`, `DISK_TOOL_MISSING`, `DISK_TOOL_FAILED`;
 * SourceError, WholeFileError, BootfsError; the signal's reason.
 */
export async function assembleImage(request: AssembleRequest): Promise<AssembledImage> {
  const { table, contents, output, bootCode = new Uint8Array() } = request;
  const pieces = composeTable(table);
  checkNumbers(table, contents);
  if (bootCode.length > bootCodeLimit) {
    throw new DiskImageError(
      "DISK_BOOT_CODE",
      `the boot code has ${bootCode.length} bytes, an MBR has room for ${bootCodeLimit} before its table`,
      { length: bootCode.length },
    );
  }
  const opened: FileSource[] = [];
  try {
    const prepared: PreparedContent[] = [];
    for (const partition of table.partitions) {
      prepared.push(await prepare(request, partition, contents.get(partition.number), opened));
    }
    const partitions = prepared.map(({ partition }) => partition);
    const total = partitions.reduce((sum, { contentLength }) => sum + contentLength, 0);
    const meter = startMeter(request, total);
    await writeWholeFile(output, async (path) => {
      const file = await open(path, "wx+");
      try {
        await file.truncate(table.diskLength);
        await writeAt(file, bootCode, 0);
        for (const { offset, bytes } of pieces) await writeAt(file, bytes, offset);
        await writeContents({ path, file, sectorLength: table.sectorLength }, prepared, meter);
        for (const source of opened) source.assertUnchanged();
      } finally {
        await file.close();
      }
    });
    return {
      path: output,
      length: table.diskLength,
      sectorLength: table.sectorLength,
      partitions: partitions.toSorted((a, b) => a.number - b.number),
    };
  } finally {
    for (const source of opened) source.close();
  }
}

async function writeContents(
  image: UnfinishedImage,
  prepared: readonly PreparedContent[],
  meter: Meter,
): Promise<void> {
  const ordered = prepared.toSorted((a, b) => a.partition.offset - b.partition.offset);
  for (const { write } of ordered) {
    meter.signal?.throwIfAborted();
    await write(image, meter);
  }
}

async function prepare(
  request: AssembleRequest,
  partition: PlacedPartition,
  content: DiskContent | undefined,
  opened: FileSource[],
): Promise<PreparedContent> {
  const { number, offset, length } = partition;
  const place = { number, offset, length, content: content?.kind };
  if (content === undefined) {
    return {
      partition: { ...place, fileSystem: undefined, contentLength: 0 },
      write: async () => undefined,
    };
  }
  if (content.kind === "directory" || content.kind === "file-system") {
    return await prepareFileSystem(request, partition, content);
  }
  const source = content.kind === "source" ? content.source : openInto(opened, content.path);
  const what = content.kind === "source" ? nameOf(partition) : `${nameOf(partition)}, from ${content.path}`;
  const missing = source.length - length;
  if (missing > 0) throw contentTooLarge(what, length, missing, "exactly");
  const { name } = await checkFitsSectors(source, request.table.sectorLength, what);
  const range = { from: 0, to: offset, length: source.length };
  return {
    partition: {
      ...place,
      fileSystem: name === "unknown" ? undefined : name,
      contentLength: source.length,
    },
    write: async ({ file }, meter) => {
      await copySparse(source, file, range, (bytes) => meter.advance(what, bytes));
    },
  };
}

async function prepareFileSystem(
  request: AssembleRequest,
  partition: PlacedPartition,
  content: NewContent,
): Promise<PreparedContent> {
  const { number, offset, length } = partition;
  const nodes = content.kind === "directory" ? await readTree(content.path) : [];
  const contentLength = nodes.reduce((sum, node) => sum + (node.kind === "file" ? node.length : 0), 0);
  const write = content.fileSystem === "fat" ? fatWriter : extWriter;
  const { kind, fileSystem } = content;
  return {
    partition: { number, offset, length, content: kind, fileSystem, contentLength },
    write: write(request, partition, content, nodes),
  };
}

function fatWriter(
  { table, clock }: AssembleRequest,
  partition: PlacedPartition,
  content: NewContent,
  nodes: readonly TreeNode[],
): PreparedContent["write"] {
  const { offset, length } = partition;
  const { sectorLength } = table;
  const { label, fatWidth: width } = content;
  const serial = fatSerial(content.uuid, derivedUuid(table, partition.number));
  const directory = {
    volume: {
      length,
      sectorLength,
      serial,
      clock,
      startingSector: offset / sectorLength,
      ...(label === undefined ? {} : { label }),
      ...(width === undefined ? {} : { width }),
    },
    place: { offset, length },
    what: originOf(partition, content),
    nodes,
    readContent: filesOf(content.kind === "directory" ? content.path : ""),
  };
  return async (image, meter) => await writeFatDirectory(image, directory, meter);
}

function extWriter(
  { table, clock }: AssembleRequest,
  partition: PlacedPartition,
  content: NewContent,
  nodes: readonly TreeNode[],
): PreparedContent["write"] {
  const { offset, length, number } = partition;
  const what = originOf(partition, content);
  const uuid = checkedUuid(content.uuid ?? derivedUuid(table, number));
  return async (image, meter) => {
    const { label } = content;
    const nothing = { path: undefined, keepOwners: false };
    const { path, keepOwners = false } = content.kind === "directory" ? content : nothing;
    const place = { offset, length };
    const rest = { label, keepOwners, clock, signal: meter.signal };
    await writeExtDirectory(image.path, { path, nodes, place, what, uuid, ...rest });
    meter.advance(
      what,
      nodes.reduce((sum, node) => sum + (node.kind === "file" ? node.length : 0), 0),
    );
  };
}

function checkNumbers(table: TableDescription, contents: AssembleRequest["contents"]): void {
  const holders = table.partitions.filter((each) => !("placement" in each) || each.placement !== "extended");
  const numbers = holders.map(({ number }) => number);
  for (const number of contents.keys()) {
    if (numbers.includes(number)) continue;
    throw new DiskImageError(
      "DISK_NO_PARTITION",
      `there is content for partition ${number}, but the table has ${numbers.join(", ")} to put some in`,
      { number },
    );
  }
}

function openInto(opened: FileSource[], path: string): FileSource {
  const source = FileSource.open(path);
  opened.push(source);
  return source;
}

function originOf(partition: PlacedPartition, content: NewContent): string {
  return content.kind === "directory" ? `${nameOf(partition)}, from ${content.path}` : nameOf(partition);
}

function nameOf({ number }: PlacedPartition): string {
  return `partition ${number}`;
}
