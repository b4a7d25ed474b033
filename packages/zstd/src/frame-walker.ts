// Where frames end, which only their blocks tell. RFC 8878 §3.1.1.
//
//   header | 3 B | block | 3 B | block | ... | 3 B | last block | [XXH64, lowest 32 bits]
import type { ByteSource } from "@bootstamp/byte-source";
import { segmentFault, type SegmentPlace } from "@bootstamp/segment-map";
import { blockHeaderLength, parseBlockHeader, rawBlock, rleBlock } from "./block.ts";
import { ByteWindow } from "./byte-window.ts";
import {
  type FrameHeader,
  isSkippable,
  maxHeaderLength,
  parseFrameHeader,
  skippableLength,
} from "./frame-header.ts";
import { beginsAsRecord } from "./record.ts";
import { checksumLength } from "./xxh64.ts";

export interface WalkedFrame {
  readonly packedOffset: number;
  readonly packedLength: number;
  /** Undefined for a skippable one. */
  readonly header: FrameHeader | undefined;
  /** What its blocks come to, at least and at most: these differ where one is compressed. */
  readonly leastLength: number;
  readonly mostLength: number;
  /** Whether all of its blocks are raw, and of the greatest length but for the last, which may be empty. */
  readonly isStored: boolean;
  /** Whether it is a record of ours. */
  readonly isRecord: boolean;
}

type Blocks = Pick<WalkedFrame, "leastLength" | "mostLength" | "isStored"> & { readonly end: number };

/** Goes through a file from frame to frame, reading forward, 1 MiB at a time; takes 1 MiB of memory. */
export class FrameWalker {
  readonly #length: number;
  readonly #window: ByteWindow;
  #offset = 0;

  constructor(packed: ByteSource) {
    this.#length = packed.length;
    this.#window = new ByteWindow(packed);
  }

  /**
   * The frame behind the last one; undefined at the file's end.
   * @param rawOffset of what it comes to, for messages.
   * @throws MapError `MAP_SEGMENT_DAMAGED` for anything else than a whole frame; `MAP_MISSING` for one whose window is
   * too long.
   */
  async next(rawOffset: number): Promise<WalkedFrame | undefined> {
    const packedOffset = this.#offset;
    if (packedOffset === this.#length) return undefined;
    const place = { rawOffset, packedOffset };
    const beginning = await this.#read(packedOffset, Math.min(maxHeaderLength, this.#length - packedOffset));
    const frame = isSkippable(beginning)
      ? skipped(packedOffset, beginning)
      : await this.#walk(place, parseFrameHeader(place, beginning));
    this.#offset += frame.packedLength;
    if (this.#offset > this.#length) throw cutOff(place, this.#length);
    return frame;
  }

  async #walk(place: SegmentPlace, header: FrameHeader): Promise<WalkedFrame> {
    const { packedOffset } = place;
    const { end, ...blocks } = await this.#walkBlocks(place, header);
    const packedLength = end + (header.hasChecksum ? checksumLength : 0) - packedOffset;
    return { packedOffset, packedLength, header, ...blocks, isRecord: false };
  }

  async #walkBlocks(place: SegmentPlace, { length, blockLength }: FrameHeader): Promise<Blocks> {
    let leastLength = 0;
    let mostLength = 0;
    let isStored = true;
    for (let at = place.packedOffset + length; ;) {
      if (at + blockHeaderLength > this.#length) throw cutOff(place, this.#length);
      // Not awaited where it is there: a hostile file has a block every three bytes.
      const bytes = this.#window.at(at, blockHeaderLength) ?? (await this.#read(at, blockHeaderLength));
      const block = parseBlockHeader(bytes);
      if (block.type > 2) throw segmentFault(place, `a block of the reserved type begins at ${at}`);
      if (block.length > blockLength) {
        throw segmentFault(place, `the block at ${at} has ${block.length} bytes, more than ${blockLength}`);
      }
      const isExact = block.type === rawBlock || block.type === rleBlock;
      leastLength += isExact ? block.length : 0;
      mostLength += isExact ? block.length : blockLength;
      isStored &&= block.type === rawBlock && (block.last || block.length === blockLength);
      at += blockHeaderLength + (block.type === rleBlock ? 1 : block.length);
      if (block.last) return { end: at, leastLength, mostLength, isStored };
    }
  }

  async #read(offset: number, length: number): Promise<Uint8Array> {
    return this.#window.at(offset, length) ?? (await this.#window.load(offset, length));
  }
}

function skipped(packedOffset: number, beginning: Uint8Array): WalkedFrame {
  return {
    packedOffset,
    packedLength: skippableLength(beginning),
    header: undefined,
    leastLength: 0,
    mostLength: 0,
    isStored: false,
    isRecord: beginsAsRecord(beginning),
  };
}

function cutOff(place: SegmentPlace, length: number): Error {
  return segmentFault(place, `its frame goes on behind the end of the file, at ${length}`);
}
