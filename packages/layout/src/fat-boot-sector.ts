/**
 * The boot sector of a FAT file system, with its BIOS parameter block. Microsoft, "FAT: General Overview of On-Disk
 * Format" 1.03 (2000), "Boot Sector and BPB"; numbers are little-endian.
 *
 *      0  jmpBoot, EB ?? 90 or E9 ?? ??   3      21  Media      1            FAT12, FAT16        FAT32
 *      3  OEMName                         8      22  FATSz16    2       36   DrvNum         1    FATSz32   4
 *     11  BytsPerSec                      2      24  SecPerTrk  2       38   BootSig, 0x29  1    ...
 *     13  SecPerClus                      1      26  NumHeads   2       39   VolID          4    44  RootClus  4
 *     14  RsvdSecCnt                      2      28  HiddSec    4       43   VolLab        11    66  BootSig   1
 *     16  NumFATs                         1      32  TotSec32   4       54   FilSysType     8    67  VolID     4
 *     17  RootEntCnt                      2                                                      71  VolLab   11
 *     19  TotSec16                        2     510  Signature, 55 AA   2
 */

export interface FatBootSector {
  readonly kind: "fat12" | "fat16" | "fat32";
  readonly sectorLength: number;
  readonly clusterLength: number;
  readonly clusterCount: number;
  /** Bytes from the start of the file system. */
  readonly fatOffset: number;
  readonly dataOffset: number;
  /** Bytes of the whole file system. */
  readonly length: number;
  /** FAT12 and FAT16: the fixed root directory. FAT32: undefined. */
  readonly rootDirectory: { readonly offset: number; readonly length: number } | undefined;
  /** FAT32: the first cluster of the root directory. */
  readonly rootCluster: number;
  /** As "1A2B-3C4D"; undefined if the boot sector has no extended signature. */
  readonly volumeId: string | undefined;
  /** The label in the boot sector, trimmed, without the placeholder "NO NAME". The root directory's goes before it. */
  readonly label: string;
}

/** "FAT Type Determination": fewer clusters than this are FAT12, ... */
const fat16MinimumClusters = 4085;
/** ... fewer than this FAT16. */
const fat32MinimumClusters = 65525;

const bootSectorLength = 512;
const bootSignature = 0xaa55;
const extendedSignature = 0x29;
const directoryEntryLength = 32;

/**
 * Parses a FAT boot sector of at least 512 bytes; undefined if it is none.
 *
 * FAT12 and FAT16 are told by the count of clusters, FAT32 by its FATSz16 of zero, which is how Linux tells it: small
 * FAT32 file systems with fewer clusters than the standard allows exist.
 */
export function parseFatBootSector(bytes: Uint8Array): FatBootSector | undefined {
  if (bytes.length < bootSectorLength) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!hasBootSectorShape(view)) return undefined;
  const sectorLength = view.getUint16(11, true);
  const sectorsPerCluster = view.getUint8(13);
  const reservedSectors = view.getUint16(14, true);
  const isFat32 = view.getUint16(22, true) === 0;
  const sectorsPerFat = isFat32 ? view.getUint32(36, true) : view.getUint16(22, true);
  const rootLength = view.getUint16(17, true) * directoryEntryLength;
  const totalSectors = view.getUint16(19, true) || view.getUint32(32, true);
  const rootSector = reservedSectors + view.getUint8(16) * sectorsPerFat;
  const dataSector = rootSector + Math.ceil(rootLength / sectorLength);
  const clusterCount = Math.floor((totalSectors - dataSector) / sectorsPerCluster);
  if (sectorsPerFat === 0 || clusterCount < 1 || isFat32 !== (rootLength === 0)) return undefined;
  if (!isFat32 && clusterCount >= fat32MinimumClusters) return undefined;
  return {
    kind: isFat32 ? "fat32" : clusterCount < fat16MinimumClusters ? "fat12" : "fat16",
    sectorLength,
    clusterLength: sectorsPerCluster * sectorLength,
    clusterCount,
    fatOffset: reservedSectors * sectorLength,
    dataOffset: dataSector * sectorLength,
    length: totalSectors * sectorLength,
    rootDirectory: isFat32 ? undefined : { offset: rootSector * sectorLength, length: rootLength },
    rootCluster: isFat32 ? view.getUint32(44, true) : 0,
    ...parseVolume(view, isFat32 ? 66 : 38),
  };
}

/** FAT has no magic number: this is all that tells it from other boot sectors. */
function hasBootSectorShape(view: DataView): boolean {
  const jump = view.getUint8(0);
  const jumps = jump === 0xe9 || (jump === 0xeb && view.getUint8(2) === 0x90);
  const sectorLength = view.getUint16(11, true);
  const media = view.getUint8(21);
  return (
    jumps &&
    view.getUint16(510, true) === bootSignature &&
    [512, 1024, 2048, 4096].includes(sectorLength) &&
    isPowerOfTwo(view.getUint8(13)) &&
    view.getUint16(14, true) > 0 &&
    // Linux takes any number, and mkfs.vfat makes up to four.
    view.getUint8(16) > 0 &&
    (media === 0xf0 || media >= 0xf8)
  );
}

function parseVolume(
  view: DataView,
  signatureOffset: number,
): { volumeId: string | undefined; label: string } {
  if (view.getUint8(signatureOffset) !== extendedSignature) return { volumeId: undefined, label: "" };
  const id = view
    .getUint32(signatureOffset + 1, true)
    .toString(16)
    .padStart(8, "0")
    .toUpperCase();
  const label = new Uint8Array(view.buffer, view.byteOffset + signatureOffset + 5, fatLabelLength);
  return { volumeId: `${id.slice(0, 4)}-${id.slice(4)}`, label: parseFatLabel(label) };
}

export const fatLabelLength = 11;

/** What mkfs writes where no label is given. */
const noLabel = "NO NAME";

/** A label without its padding. Bytes above ASCII depend on a code page that the disk does not name: U+FFFD. */
export function parseFatLabel(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : "\ufffd")).join("");
  const label = text.replace(/\0.*$/s, "").trimEnd();
  return label === noLabel ? "" : label;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
