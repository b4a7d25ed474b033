import type { ByteSource } from "@bootstamp/byte-source";
import { hasGptSignature } from "./gpt-header.ts";
import { LayoutError } from "./layout-error.ts";
import type { SectorLength } from "./partition-table.ts";
import { lastLbaOf, readGptHeader } from "./read-gpt.ts";

const sectorLengths: readonly SectorLength[] = [512, 4096];

/**
 * The length of a sector for which LBA 1 holds a GPT header, as well as can be told: a whole one, else a damaged one,
 * else one whose backup is whole, else 512. What is wrong with it is for the reader to say.
 * @throws LayoutError `LAYOUT_SECTOR_LENGTH_AMBIGUOUS` if whole headers are in both places.
 */
export async function detectSectorLength(source: ByteSource): Promise<SectorLength> {
  const whole = await filterLengths((each) => hasWholeHeader(source, each, 1n));
  if (whole.length > 1) {
    throw new LayoutError(
      "LAYOUT_SECTOR_LENGTH_AMBIGUOUS",
      `there are GPT headers at offsets ${whole.join(" and ")}: say which length of a sector is meant`,
    );
  }
  if (whole[0] !== undefined) return whole[0];
  const damaged = await filterLengths((each) => hasSignature(source, each));
  if (damaged[0] !== undefined) return damaged[0];
  const backedUp = await filterLengths((each) => hasWholeHeader(source, each, lastLbaOf(source, each)));
  return backedUp[0] ?? 512;
}

/** The offsets at which a whole GPT header is where LBA 1 would be, for one length of a sector or for all. */
export async function wholeHeaderOffsets(
  source: ByteSource,
  sectorLength: SectorLength | undefined,
): Promise<readonly number[]> {
  const whole = await filterLengths((each) => hasWholeHeader(source, each, 1n));
  return sectorLength === undefined ? whole : whole.filter((each) => each === sectorLength);
}

async function filterLengths(
  test: (sectorLength: SectorLength) => Promise<boolean>,
): Promise<SectorLength[]> {
  const kept = await Promise.all(sectorLengths.map(test));
  return sectorLengths.filter((_, index) => kept[index]);
}

async function hasSignature(source: ByteSource, sectorLength: SectorLength): Promise<boolean> {
  if (source.length < 2 * sectorLength) return false;
  return hasGptSignature(await source.read(sectorLength, sectorLength));
}

async function hasWholeHeader(source: ByteSource, sectorLength: SectorLength, lba: bigint): Promise<boolean> {
  try {
    await readGptHeader(source, sectorLength, lba);
    return true;
  } catch (error) {
    if (error instanceof LayoutError) return false;
    throw error;
  }
}
