import { sliceSource, type ByteSource } from "@bootstamp/byte-source";
import { extSuperblockLength, extSuperblockOffset, parseExtSuperblock } from "./ext-superblock.ts";
import { parseFatBootSector } from "./fat-boot-sector.ts";
import { readFatRootLabel } from "./fat-root-label.ts";
import {
  findForeignSignatures,
  signatureAreaLength,
  type ForeignMatch,
  type ForeignName,
} from "./foreign-signatures.ts";
import type { Partition, PartitionTable } from "./partition-table.ts";

export type EditableName = "fat12" | "fat16" | "fat32" | "ext2" | "ext3" | "ext4";

/** What a partition holds, by its signatures alone: whether it is sound is for the editor of file systems to say. */
export interface FileSystemProbe {
  /** "conflict": signatures of more than one, none of which may be trusted. "unknown": none. */
  readonly name: EditableName | ForeignName | "ext-journal" | "conflict" | "unknown";
  /** Whether FAT or ext of any kind. */
  readonly editable: boolean;
  /** The label, "" where there is none or it cannot be had. Comes from the image: quote it before printing. */
  readonly label: string;
  /** FAT: the volume id as "1A2B-3C4D". ext: the UUID in lower case. Else undefined. */
  readonly id: string | undefined;
  /** FAT and ext: bytes that the file system says it has. More than the partition means that it was cut short. */
  readonly length: number | undefined;
  /** FAT: the count of clusters, by which the standard tells 12, 16 and 32 bits apart. */
  readonly clusterCount: number | undefined;
  /** If "conflict": what was found. */
  readonly candidates: readonly string[];
}

const nothing: FileSystemProbe = {
  name: "unknown",
  editable: false,
  label: "",
  id: undefined,
  length: undefined,
  clusterCount: undefined,
  candidates: [],
};

/**
 * Names what the given range of `source` holds. Reads 256 KiB at most, and of a FAT file system its root directory,
 * 1 MiB at most. No content makes it fail: what cannot be told is "unknown".
 * @throws SourceError if the range is not in the source, or cannot be read.
 */
export async function probeFileSystem(
  source: ByteSource,
  range: { readonly offset: number; readonly length: number },
): Promise<FileSystemProbe> {
  const part = sliceSource(source, range.offset, range.length);
  const head = await part.read(0, Math.min(part.length, signatureAreaLength));
  const found = [
    ...(await probeFat(part, head)),
    ...probeExt(head),
    ...findForeignSignatures(head).map(foreignProbe),
  ];
  if (found.length > 1) return { ...nothing, name: "conflict", candidates: found.map(({ name }) => name) };
  return found[0] ?? nothing;
}

/** The probes of a table's partitions by their numbers. An extended partition has none: it is a mere container. */
export type FileSystemProbes = ReadonlyMap<number, FileSystemProbe>;

/** {@link probeFileSystem} of every partition of `table`, one after the other. */
export async function probeFileSystems(source: ByteSource, table: PartitionTable): Promise<FileSystemProbes> {
  const probes = new Map<number, FileSystemProbe>();
  for (const partition of table.partitions.filter(isProbed)) {
    // One at a time bounds the memory.
    probes.set(partition.number, await probeFileSystem(source, partition));
  }
  return probes;
}

function isProbed(partition: Partition): boolean {
  return partition.placement !== "extended";
}

async function probeFat(source: ByteSource, head: Uint8Array): Promise<FileSystemProbe[]> {
  const fat = parseFatBootSector(head);
  if (fat === undefined) return [];
  const label = (await readFatRootLabel(source, fat)) ?? fat.label;
  const { kind, volumeId, length, clusterCount } = fat;
  return [{ ...nothing, name: kind, editable: true, label, id: volumeId, length, clusterCount }];
}

function probeExt(head: Uint8Array): FileSystemProbe[] {
  const end = extSuperblockOffset + extSuperblockLength;
  const superblock = parseExtSuperblock(head.subarray(extSuperblockOffset, end));
  if (superblock === undefined) return [];
  const { kind, label, uuid, length } = superblock;
  return [{ ...nothing, name: kind, editable: kind !== "ext-journal", label, id: uuid, length }];
}

function foreignProbe({ name, label }: ForeignMatch): FileSystemProbe {
  return { ...nothing, name, label };
}
