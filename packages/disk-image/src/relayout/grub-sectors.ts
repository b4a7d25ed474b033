/*
 * Where GRUB's first sector finds the rest of it. GRUB 2.06, include/grub/i386/pc/boot.h, diskboot.h; numbers are
 * little-endian and count sectors from the start of the disk.
 *
 *   boot.img, the first sector:          diskboot.img, the first sector of core.img:
 *      90  load address 0x8000     2        500  first sector of a run   8
 *      92  sector of core.img      8        508  sectors in it, 0: end   2
 *   ("GRUB " is among its messages)         510  load segment            2     further runs before it, 12 bytes each
 *
 *   stage1 of GRUB Legacy:  66  load address 0x8000  2    68  sector of stage2 or stage1.5  4
 */
import type { ByteSource } from "@bootstamp/byte-source";
import type { ByteRange } from "@bootstamp/layout";

const sectorBytes = 512;
const loadAddress = 0x8000;
const runLength = 12;
const lastRunAt = 500;

/** Which GRUB `sector`, the first of a disk or a partition, belongs to. */
export function grubOf(sector: Uint8Array): "GRUB 2" | "GRUB Legacy" | undefined {
  const bytes = Buffer.from(sector.buffer, sector.byteOffset, sector.byteLength);
  // What is behind these is the table.
  if (!bytes.subarray(0, 440).includes("GRUB")) return undefined;
  if (bytes.readUInt16LE(90) === loadAddress) return "GRUB 2";
  return bytes.readUInt16LE(66) === loadAddress ? "GRUB Legacy" : undefined;
}

/**
 * The runs of sectors that GRUB 2's boot.img and diskboot.img read. "unknown" where what they say leads out of the
 * image. Reads one sector.
 */
export async function grubRuns(
  source: ByteSource,
  sector: Uint8Array,
  sectorLength: number,
): Promise<readonly ByteRange[] | "unknown"> {
  const start = viewOf(sector).getBigUint64(92, true);
  const first = rangeOf(start, 1, sectorLength, source.length);
  if (first === undefined) return "unknown";
  const diskboot = viewOf(await source.read(first.offset, sectorBytes));
  const runs = [first];
  for (let at = lastRunAt; at >= 0; at -= runLength) {
    const sectorCount = diskboot.getUint16(at + 8, true);
    if (sectorCount === 0) return runs;
    const run = rangeOf(diskboot.getBigUint64(at, true), sectorCount, sectorLength, source.length);
    if (run === undefined) return "unknown";
    runs.push(run);
  }
  return "unknown";
}

/** The one sector that GRUB Legacy's stage1 names; the rest is in files that it reads by sectors. */
export function grubLegacyStart(sector: Uint8Array): number {
  return viewOf(sector).getUint32(68, true);
}

function rangeOf(
  lba: bigint,
  sectorCount: number,
  sectorLength: number,
  imageLength: number,
): ByteRange | undefined {
  const length = sectorCount * sectorLength;
  if (lba > BigInt(Math.floor((imageLength - length) / sectorLength))) return undefined;
  return { offset: Number(lba) * sectorLength, length };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
