/**
 * The volume label in the root directory of a FAT file system. Microsoft FAT 1.03, "FAT Directory Structure".
 *
 *     entry, 32 bytes:   0  Name     11     a first byte of 0 ends the directory, E5 is a free entry
 *                       11  Attr      1     08 is the label; all of the low four bits, a piece of a long name
 */
import type { ByteSource } from "@bootstamp/byte-source";
import { fatLabelLength, parseFatLabel, type FatBootSector } from "./fat-boot-sector.ts";

const entryLength = 32;
const attributeOffset = 11;
const volumeIdAttribute = 0x08;
const directoryAttribute = 0x10;
const longNameAttributes = 0x0f;
const endMark = 0x00;
const freeMark = 0xe5;

/** Our bounds, against root directories made to take for ever. A label is seldom past the first cluster. */
const maximumClusters = 256;
const maximumDirectoryLength = 1 << 20;

/** The label entry of the root directory of `fat`, which fills `source`; undefined if there is none to be found. */
export async function readFatRootLabel(source: ByteSource, fat: FatBootSector): Promise<string | undefined> {
  if (fat.rootDirectory !== undefined) {
    const { offset, length } = fat.rootDirectory;
    const { label } = scanDirectory(
      await readWithin(source, offset, Math.min(length, maximumDirectoryLength)),
    );
    return label;
  }
  return await readClusterChain(source, fat);
}

async function readClusterChain(source: ByteSource, fat: FatBootSector): Promise<string | undefined> {
  const clusters = Math.min(maximumClusters, Math.ceil(maximumDirectoryLength / fat.clusterLength));
  let cluster = fat.rootCluster;
  for (let count = 0; count < clusters && isDataCluster(cluster, fat); count++) {
    const offset = fat.dataOffset + (cluster - 2) * fat.clusterLength;
    // Each cluster must be had before the next one is known.
    const { label, ended } = scanDirectory(await readWithin(source, offset, fat.clusterLength));
    if (label !== undefined || ended) return label;
    cluster = await nextCluster(source, fat, cluster);
  }
  return undefined;
}

function isDataCluster(cluster: number, fat: FatBootSector): boolean {
  return cluster >= 2 && cluster < fat.clusterCount + 2;
}

async function nextCluster(source: ByteSource, fat: FatBootSector, cluster: number): Promise<number> {
  const bytes = await readWithin(source, fat.fatOffset + 4 * cluster, 4);
  if (bytes.length < 4) return 0;
  // "FAT32 entries are 28-bit": the high four bits are reserved.
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) & 0x0fff_ffff;
}

function scanDirectory(bytes: Uint8Array): { label: string | undefined; ended: boolean } {
  for (let offset = 0; offset + entryLength <= bytes.length; offset += entryLength) {
    const first = bytes[offset];
    if (first === endMark) return { label: undefined, ended: true };
    const attributes = bytes[offset + attributeOffset] ?? 0;
    const isLabel = (attributes & volumeIdAttribute) !== 0 && (attributes & directoryAttribute) === 0;
    if (first === freeMark || !isLabel || (attributes & longNameAttributes) === longNameAttributes) continue;
    return { label: parseFatLabel(bytes.subarray(offset, offset + fatLabelLength)), ended: true };
  }
  return { label: undefined, ended: false };
}

/** What of the range lies inside the source. */
async function readWithin(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const available = Math.max(0, Math.min(length, source.length - offset));
  return available === 0 ? new Uint8Array(0) : await source.read(offset, available);
}
