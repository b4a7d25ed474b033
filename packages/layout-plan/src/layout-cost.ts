import type { ByteRange } from "@bootstamp/layout";
import { roundDown, roundUp } from "./multiple.ts";

/** What one variant costs with a layout. */
export interface LayoutCost {
  /** Bytes that the artifact holds uncompressed, so that they can be patched. */
  readonly storedBytes: number;
  /** Bytes that SHA-256 has to read again for each variant: those behind the first that differs. */
  readonly hashedBytes: number;
  /** {@link hashedBytes} at the rate that was measured; undefined without one. */
  readonly hashSeconds: number | undefined;
  /** Bytes to upload for a variant of an object that is there already. */
  readonly uploadBytes: number;
}

/** What is known, or was measured, of an image and its artifacts. */
export interface JudgeFacts {
  /** The largest stored block of the formats, in bytes. */
  readonly storedAlignment: number;
  /** Bytes that the content of a partition needs; undefined where that is not known. */
  readonly contentLength: (number: number) => number | undefined;
  /** Bytes to keep free in a partition that varies. */
  readonly reserve: number;
  /** Bytes that a range of the image compresses to. */
  readonly packedLength: (range: ByteRange) => number;
  /** Of a partition that varies, what is stored of it; undefined: all of it. */
  readonly storedLength?: (number: number) => number;
  /** Which digests each variant gets. */
  readonly digests: { readonly artifact: boolean; readonly raw: boolean };
  /** Bytes a second that SHA-256 was measured at. */
  readonly hashRate?: number;
  /** Bytes to upload where an object of `length` bytes differs in `window` only. */
  readonly uploadLength: (window: ByteRange, length: number) => number;
}

/** A run of bytes of the image that stays together: what varies, or all between two such. */
export interface Piece {
  /** Of the partition that varies; undefined for all else. */
  readonly number: number | undefined;
  readonly rawLength: number;
  /** Compressed; of what varies, with what is stored of it. */
  readonly packedLength: number;
  /** What is stored, beside what its blocks reach beyond its ends. */
  readonly storedLength: number;
}

/** The cost of an image that is made of `pieces`, in this order: none if nothing in it varies. */
export function costOf(pieces: readonly Piece[], facts: JudgeFacts): LayoutCost {
  const first = pieces.findIndex(({ number }) => number !== undefined);
  const last = pieces.findLastIndex(({ number }) => number !== undefined);
  if (first === -1) return { storedBytes: 0, hashedBytes: 0, hashSeconds: undefined, uploadBytes: 0 };
  const packedStart = sum(pieces.slice(0, first), "packedLength");
  const packedEnd = sum(pieces.slice(0, last + 1), "packedLength");
  const packed = sum(pieces, "packedLength");
  const raw = sum(pieces.slice(first), "rawLength");
  const { artifact, raw: isRaw } = facts.digests;
  const hashedBytes = (artifact ? packed - packedStart : 0) + (isRaw ? raw : 0);
  return {
    storedBytes: storedBytes(pieces, facts.storedAlignment),
    hashedBytes,
    hashSeconds: facts.hashRate === undefined ? undefined : hashedBytes / facts.hashRate,
    uploadBytes: facts.uploadLength({ offset: packedStart, length: packedEnd - packedStart }, packed),
  };
}

/** Blocks are stored whole: what begins or ends inside one takes all of it. */
function storedBytes(pieces: readonly Piece[], alignment: number): number {
  let offset = 0;
  let stored = 0;
  for (const { number, rawLength, storedLength } of pieces) {
    const end = offset + rawLength;
    if (number !== undefined) {
      const beyond = offset - roundDown(offset, alignment) + roundUp(end, alignment) - end;
      stored += storedLength + (storedLength === rawLength ? beyond : 0);
    }
    offset = end;
  }
  return stored;
}

function sum(pieces: readonly Piece[], key: "packedLength" | "rawLength"): number {
  return pieces.reduce((total, piece) => total + piece[key], 0);
}
