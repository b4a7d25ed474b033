// The order of things when stored bytes are overwritten one write at a time, and why a crash at any point does no harm.
//
//   1  before the first write: the mark is written, synced, and    crash: the mark is torn, and is removed; or whole,
//      so is its directory                                         and has checksums worked out that are right already
//   2  bytes are written where they stand                          crash: the mark is whole. What of the bytes reached
//                                                                  the disk stays; checksums are worked out for it
//   3  on a flush: checksums are written, and the file is synced   crash: the same. Bytes that were written before the
//                                                                  flush are on the disk if it came back
//   4  on closing: as 3, then the mark is removed, and its         crash: the mark may still be there, and has
//      directory synced                                            checksums worked out that are right already
//
// Steps 2 and 3 come in any number and order. No byte that is written tells where another is: framing and maps stay as
// they are. So whatever of these writes a disk keeps, sector by sector, all of the file but checksums is what it should
// be; and these follow from the stored bytes and the mark (reseal-from-mark.ts), which no later write makes untrue.
import { dirname } from "node:path";
import { type Extent, extentEnd, joinExtents } from "@bootstamp/segment-map";
import { explainWriteFailure } from "@bootstamp/whole-file";
import { markPath } from "./beside-paths.ts";
import type { InPlaceFile, InPlaceFiles } from "./in-place-files.ts";
import { SealGate } from "./seal-gate.ts";
import { crcOfStored, crcWith, locateExtent, type StoredFile, unitsWithin } from "./stored-units.ts";
import { encodeMark, type UnsealedMark } from "./unsealed-mark.ts";

/** A file that is locked and open, and what is known of its stored bytes. */
export interface OpenRegions {
  readonly files: InPlaceFiles;
  readonly path: string;
  readonly file: InPlaceFile;
  readonly stored: StoredFile;
  /** What may be written to: sorted and apart, all of it stored. */
  readonly extents: readonly Extent[];
  readonly mark: UnsealedMark;
  /** CRC-32 of each unit that may be written to, by where it begins; absent where the format keeps no CRC-32. */
  readonly unitCrcs: Map<number, number> | undefined;
  readonly unlock: () => void;
}

/** Writes into the stored bytes of a file. Calls may be under way side by side; who needs an order waits. */
export class RegionWriter {
  readonly #open: OpenRegions;
  readonly #gate = new SealGate();
  /** Units whose bytes the checksums may not be of, by where they begin. */
  readonly #unsealed = new Map<number, Extent>();
  #rawCrc32: number | undefined;
  #marking: Promise<void> | undefined;
  #failed: unknown;
  #closing: Promise<void> | undefined;

  constructor(open: OpenRegions) {
    this.#open = open;
    this.#rawCrc32 = open.stored.map.rawCrc32;
  }

  /** Whether all of a raw range may be written to. */
  covers(offset: number, length: number): boolean {
    return this.#extentOf(offset, length) !== undefined;
  }

  /**
   * Overwrites raw bytes, which {@link covers} says may be. A write that fails may have been done in part.
   * @throws RangeError outside of them; WholeFileError; the system's errors.
   */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const extent = this.#extentOf(offset, bytes.length);
    if (extent === undefined || this.#closing !== undefined)
      throw new RangeError(`${bytes.length} bytes at raw offset ${offset} cannot be written to`);
    await this.#explained(async () => {
      await this.#gate.share(async () => {
        await this.#leaveMark();
        // Before anything is written: also half a write leaves checksums that are not right.
        for (const unit of unitsWithin(extent, offset, offset + bytes.length))
          this.#unsealed.set(unit.offset, unit);
        await this.#overwrite({ offset, length: bytes.length }, bytes);
      });
    });
  }

  /**
   * Makes all checksums right and syncs the file: what was written before is on the disk then, in an ordinary file of
   * its format. Costs O(bytes written since the last one), in units of 64 KiB or the format's segments.
   * @throws MapError `MAP_SEGMENT_DAMAGED`; WholeFileError; the system's errors. After a sync that failed no other is
   * believed: then every later flush fails too, and the mark stays.
   */
  async flush(): Promise<void> {
    await this.#explained(async () => await this.#gate.alone(async () => await this.#sealAndSync()));
  }

  /** {@link flush}, for good: others may change the file then. Where it fails the mark stays. May be called again. */
  async close(): Promise<void> {
    this.#closing ??= this.#explained(async () => await this.#gate.alone(async () => await this.#end()));
    await this.#closing;
  }

  async #end(): Promise<void> {
    const { files, path, file, unlock } = this.#open;
    try {
      await this.#sealAndSync();
      if (this.#marking === undefined) return;
      await files.remove(markPath(path));
      await files.syncDirectory(dirname(path));
    } finally {
      await file.close();
      unlock();
    }
  }

  async #sealAndSync(): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#unsealed.size === 0) return;
    const { stored, file } = this.#open;
    const units = [...this.#unsealed.values()];
    await this.#sumUp(units);
    const rawCrc32 = this.#rawCrc32 === undefined ? {} : { rawCrc32: this.#rawCrc32 };
    const writes = await stored.format.reseal({ ...stored.map, ...rawCrc32 }, joinExtents(units), file);
    for (const { offset, bytes } of writes) await file.write(offset, bytes);
    try {
      await file.sync();
    } catch (error) {
      // The system may have dropped what it could not write, and say of the next sync that all is well.
      this.#failed = error;
      throw error;
    }
    this.#unsealed.clear();
  }

  async #sumUp(units: readonly Extent[]): Promise<void> {
    const { stored, unitCrcs } = this.#open;
    if (unitCrcs === undefined) return;
    for (const unit of units) {
      const before = unitCrcs.get(unit.offset);
      if (before === undefined || this.#rawCrc32 === undefined)
        throw new Error(`internal error: no CRC-32 of the unit at ${unit.offset}`);
      const after = await crcOfStored(stored, unit);
      this.#rawCrc32 = crcWith(this.#rawCrc32, stored.map.rawLength, unit, { before, after });
      unitCrcs.set(unit.offset, after);
    }
  }

  async #overwrite(extent: Extent, bytes: Uint8Array): Promise<void> {
    const { stored, file } = this.#open;
    let done = 0;
    for (const { offset, length } of await locateExtent(stored, extent)) {
      await file.write(offset, bytes.subarray(done, done + length));
      done += length;
    }
  }

  async #leaveMark(): Promise<void> {
    this.#marking ??= this.#createMark().catch((error: unknown) => {
      this.#marking = undefined;
      throw error;
    });
    await this.#marking;
  }

  async #createMark(): Promise<void> {
    const { files, path, mark } = this.#open;
    const place = markPath(path);
    const file = await files.create(place);
    try {
      try {
        await file.write(0, encodeMark(mark));
        await file.sync();
      } finally {
        await file.close();
      }
      await files.syncDirectory(dirname(path));
    } catch (error) {
      await files.remove(place);
      throw error;
    }
  }

  #extentOf(offset: number, length: number): Extent | undefined {
    return this.#open.extents.find((each) => offset >= each.offset && offset + length <= extentEnd(each));
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explainWriteFailure(this.#open.path, error);
    }
  }
}
