import { constants } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import {
  blockLength,
  encodeEntry,
  encodeHead,
  entryLength,
  foreign,
  headLength,
  parseEntry,
  parseHead,
  type ScratchHead,
  slotsOffset,
} from "./scratch-head.ts";
import { readFully } from "./read-fully.ts";
import { writeAt } from "@bootstamp/byte-source";

/**
 * Blocks of an image in a file, each in a slot. Changes come one after another: the caller sees to it. Reads may be under
 * way at any time.
 */
export class ScratchFile {
  readonly head: ScratchHead;
  readonly #handle: FileHandle;
  /** Slots by block. Changed by #lead and drop alone. */
  readonly #slots: Map<number, number>;
  readonly #free: number[];
  /** Slots of blocks that are there no more: others may have them once the index on the disk no longer leads there. */
  readonly #dropped = new Map<number, number>();
  /** Slots whose entries on the disk are not what they should be. */
  readonly #stale = new Set<number>();
  readonly #reads = new Set<Promise<unknown>>();
  #sorted: readonly number[] | undefined;
  #unsynced = false;
  #failed: unknown;

  private constructor(handle: FileHandle, head: ScratchHead, slots: Map<number, number>) {
    this.#handle = handle;
    this.head = head;
    this.#slots = slots;
    const taken = new Set(slots.values());
    // Taken from its end: blocks that are written one after another then lie one after another.
    const all = Array.from({ length: head.slots }, (_, index) => head.slots - 1 - index);
    this.#free = all.filter((slot) => !taken.has(slot));
  }

  /** Makes an empty scratch file, in the place of what an earlier run left at `path`, or none. */
  static async create(path: string, head: ScratchHead): Promise<ScratchFile> {
    await rm(path, { force: true });
    const handle = await open(path, "wx+", 0o600);
    try {
      await writeAt(handle, encodeHead(head), 0);
      await handle.truncate(slotsOffset(head.slots));
      return new ScratchFile(handle, head, new Map());
    } catch (error) {
      await handle.close();
      await rm(path, { force: true });
      throw error;
    }
  }

  /** Opens what an earlier run left; undefined if there is none. @throws CowError `COW_SCRATCH_FOREIGN`. */
  static async reopen(path: string, mostSlots: number): Promise<ScratchFile | undefined> {
    const handle = await openThere(path);
    if (handle === undefined) return undefined;
    try {
      const head = parseHead(await readFully(handle, 0, headLength, path), path);
      if (head.slots > mostSlots) throw foreign(path, `it has ${head.slots} slots`);
      return new ScratchFile(handle, head, await readIndex(handle, head, path));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The blocks that are there, in ascending order. */
  get blocks(): readonly number[] {
    return (this.#sorted ??= [...this.#slots.keys()].toSorted((a, b) => a - b));
  }

  has(block: number): boolean {
    return this.#slots.has(block);
  }

  /** How many blocks that are not there yet may be written. */
  get room(): number {
    return this.#free.length;
  }

  /**
   * Reads a block and those of the `count - 1` behind it that lie behind it in the file too; undefined if it is not there.
   * The last block of an image is filled up.
   */
  async read(block: number, count: number): Promise<Uint8Array | undefined> {
    const first = this.#slots.get(block);
    if (first === undefined) return undefined;
    let length = 1;
    while (length < count && this.#slots.get(block + length) === first + length) length++;
    const reading = readFully(this.#handle, this.#offsetOf(first), length * blockLength, "the scratch file");
    this.#reads.add(reading);
    try {
      return await reading;
    } finally {
      this.#reads.delete(reading);
    }
  }

  /** Writes whole blocks, for which there must be room. */
  async write(block: number, bytes: Uint8Array): Promise<void> {
    const slots = Array.from({ length: bytes.length / blockLength }, (_, index) => this.#take(block + index));
    this.#unsynced = true;
    try {
      for (let from = 0; from < slots.length;) {
        let to = from + 1;
        while (to < slots.length && slots[to] === (slots[to - 1] ?? 0) + 1) to++;
        const part = bytes.subarray(from * blockLength, to * blockLength);
        await writeAt(this.#handle, part, this.#offsetOf(slots[from] ?? 0));
        // Only now: a reader must not be led to what is not written yet.
        for (; from < to; from++) this.#lead(block + from, slots[from] ?? 0);
      }
    } finally {
      for (const [index, slot] of slots.entries())
        if (!this.#slots.has(block + index)) this.#dropped.set(block + index, slot);
    }
  }

  drop(block: number): void {
    const slot = this.#slots.get(block);
    if (slot === undefined) return;
    this.#slots.delete(block);
    this.#dropped.set(block, slot);
    this.#stale.add(slot);
    this.#sorted = undefined;
  }

  /** Brings all that was written to the disk, and gives back the room of what was dropped. */
  async sync(): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed;
    try {
      if (this.#unsynced) await this.#handle.datasync();
      if (this.#stale.size > 0) await this.#writeIndex();
    } catch (error) {
      // The system may have dropped what it could not write, and say of the next sync that all is well.
      this.#failed = error;
      throw error;
    }
    this.#unsynced = false;
    await Promise.allSettled(this.#reads);
    this.#free.push(...[...this.#dropped.values()].toSorted((a, b) => b - a));
    this.#dropped.clear();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Makes a block be there. What was sorted goes in the same moment: a read may have sorted while a write was waiting. */
  #lead(block: number, slot: number): void {
    if (!this.#slots.has(block)) this.#sorted = undefined;
    this.#slots.set(block, slot);
  }

  /** The slot that a block has, had, or gets. */
  #take(block: number): number {
    const own = this.#slots.get(block);
    if (own !== undefined) return own;
    // The one that it had: there must never be two entries for one block, also if the power goes.
    const slot = this.#dropped.get(block) ?? this.#free.pop();
    if (slot === undefined) throw new Error("internal error: no slot is free");
    this.#dropped.delete(block);
    this.#stale.add(slot);
    return slot;
  }

  async #writeIndex(): Promise<void> {
    const blocks = new Map([...this.#slots].map(([block, slot]) => [slot, block]));
    for (const slot of this.#stale) {
      await writeAt(this.#handle, encodeEntry(blocks.get(slot)), headLength + slot * entryLength);
    }
    await this.#handle.datasync();
    this.#stale.clear();
  }

  #offsetOf(slot: number): number {
    return slotsOffset(this.head.slots) + slot * blockLength;
  }
}

async function openThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function readIndex(handle: FileHandle, head: ScratchHead, path: string): Promise<Map<number, number>> {
  const index = Buffer.from(await readFully(handle, headLength, head.slots * entryLength, path));
  const slots = new Map<number, number>();
  for (let slot = 0; slot < head.slots; slot++) {
    const block = parseEntry(index.subarray(slot * entryLength, (slot + 1) * entryLength));
    if (block === undefined) continue;
    if (slots.has(block) || block * blockLength >= head.rawLength)
      throw foreign(path, `its slot ${slot} is of block ${block}`);
    slots.set(block, slot);
  }
  return slots;
}
