import type { ByteSource } from "@bootstamp/byte-source";
import { skippableHeaderLength } from "./frame-header.ts";
import { damaged, inconsistent } from "./map-fault.ts";
import {
  checksumFlag,
  entryChecksumOffset,
  entryLengthOf,
  entryOffset,
  footerLength,
  footerMagic,
  maxEntryCount,
  reservedBits,
  tableLength,
  tableMagic,
} from "./seek-table.ts";
import { viewOf } from "./view-of.ts";

/** No frame is shorter: a skippable one of nothing. */
const minFrameLength = skippableHeaderLength;

/** A seek table that fits its file. */
export class SeekTable {
  /** Where it begins in the file, and the frames end. */
  readonly offset: number;
  readonly entryCount: number;
  readonly descriptor: number;
  readonly #entryLength: number;
  readonly #entries: DataView;

  constructor(offset: number, descriptor: number, entries: Uint8Array) {
    this.offset = offset;
    this.descriptor = descriptor;
    this.#entryLength = entryLengthOf(descriptor);
    this.entryCount = entries.length / this.#entryLength;
    this.#entries = viewOf(entries);
  }

  get #hasChecksums(): boolean {
    return (this.descriptor & checksumFlag) !== 0;
  }

  /** Bytes of frame `index` in the file. */
  packedLength(index: number): number {
    return this.#entries.getUint32(index * this.#entryLength, true);
  }

  /** Bytes that frame `index` comes to: none if it is skippable. */
  rawLength(index: number): number {
    return this.#entries.getUint32(index * this.#entryLength + 4, true);
  }

  /** Where in the file the checksum of frame `index` is, if the table has checksums. */
  checksumOffset(index: number): number | undefined {
    return this.#hasChecksums ? this.offset + entryChecksumOffset(index) : undefined;
  }

  /** The lowest 32 bits of the XXH64 of what frame `index` comes to, if the table has checksums. */
  checksum(index: number): number | undefined {
    return this.#hasChecksums ? this.#entries.getUint32(index * this.#entryLength + 8, true) : undefined;
  }
}

/**
 * Reads the seek table of a file, in three reads of 25 MiB together at most; undefined where the file does not end in one.
 * @throws MapError `MAP_DAMAGED`, `MAP_INCONSISTENT` if its frames do not fill the file up to it.
 */
export async function readSeekTable(packed: ByteSource): Promise<SeekTable | undefined> {
  const footer = await readFooter(packed);
  if (footer === undefined) return undefined;
  const { entryCount, descriptor } = footer;
  const length = tableLength(entryCount, descriptor);
  if (length > packed.length) throw damaged(`${length} bytes of seek table in a file of ${packed.length}`);
  const offset = packed.length - length;
  const header = viewOf(await packed.read(offset, skippableHeaderLength));
  if (
    header.getUint32(0, true) !== tableMagic ||
    header.getUint32(4, true) !== length - skippableHeaderLength
  )
    throw damaged(`no seek table of ${entryCount} frames begins at ${offset}`);
  const start = entryOffset(0, descriptor);
  const entries = await packed.read(offset + start, length - start - footerLength);
  const table = new SeekTable(offset, descriptor, entries);
  checkLengths(table);
  return table;
}

interface Footer {
  readonly entryCount: number;
  readonly descriptor: number;
}

async function readFooter(packed: ByteSource): Promise<Footer | undefined> {
  if (packed.length < footerLength) return undefined;
  const footer = viewOf(await packed.read(packed.length - footerLength, footerLength));
  if (footer.getUint32(5, true) !== footerMagic) return undefined;
  const entryCount = footer.getUint32(0, true);
  const descriptor = footer.getUint8(4);
  if ((descriptor & reservedBits) !== 0) throw damaged("a reserved bit of the seek table is set");
  if (entryCount > maxEntryCount) throw damaged(`${entryCount} frames, more than ${maxEntryCount}`);
  return { entryCount, descriptor };
}

function checkLengths(table: SeekTable): void {
  let end = 0;
  for (let index = 0; index < table.entryCount; index++) {
    const length = table.packedLength(index);
    if (length < minFrameLength || length > table.offset - end) {
      throw inconsistent(
        `frame ${index} has ${length} bytes from ${end}, the last one ends at ${table.offset}`,
      );
    }
    end += length;
  }
  if (end !== table.offset) throw inconsistent(`the frames end at ${end}, expected ${table.offset}`);
}
