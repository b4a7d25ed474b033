import type { ByteSource, Patch } from "@bootstamp/byte-source";
import type { Extent } from "./extent.ts";
import type { MapHead, Segment, SegmentKind, SegmentMap } from "./segment-map.ts";

/** What a user may choose about compression. What is left out takes the format's default. */
export interface EncodeChoice {
  readonly engine?: string;
  readonly level?: number;
  /** More time for a little less size, where the format knows that: `xz -e`. */
  readonly extreme?: boolean;
  /** The checksum over each segment, by name, where the format has more than one. */
  readonly check?: string;
  /** Raw bytes of a compressed segment at most, where the format lets that be chosen. */
  readonly segmentLength?: number;
}

/** A complete choice, checked by {@link StreamFormat.settle}: the same settings and bytes in give the same bytes out. */
export interface EncodeSettings {
  readonly engine: string;
  readonly engineVersion: string;
  readonly level: number;
  /** These as in {@link EncodeChoice}; absent where the format has no such choice. */
  readonly extreme?: boolean;
  readonly check?: string;
  readonly segmentLength?: number;
}

/** A run of the raw image that is encoded alone, and small enough to be held in memory. */
export interface Piece {
  readonly rawOffset: number;
  readonly rawLength: number;
  readonly stored: boolean;
}

/** How one image will be cut up: the same image length, extents and settings always give the same plan. */
export interface StreamPlan {
  readonly rawLength: number;
  /** What will be stored: everything that was asked for, and what the format adds to it. Sorted, apart. */
  readonly stored: readonly Extent[];
  /** Packed offset of the first piece: the length of {@link Frame.head}. */
  readonly headLength: number;
  readonly pieceCount: number;
  /** Bytes of the largest piece. */
  readonly largestPiece: number;
  /** The pieces, in order and without gaps. */
  pieces(): Iterable<Piece>;
}

/** One piece in packed form. `Note` is what the format's frame needs to know of it; it must survive a structured clone. */
export interface EncodedPiece<Note = unknown> {
  readonly bytes: Uint8Array;
  readonly kind: SegmentKind;
  readonly note: Note;
}

/** Turns raw bytes into packed pieces, in one thread. Returned arrays are the caller's. */
export interface PieceEncoder<Note = unknown> {
  /** Compresses `raw`, which must not change until it is done. Does not keep it. */
  compress(raw: Uint8Array): EncodedPiece<Note> | Promise<EncodedPiece<Note>>;
  /** Packs `rawLength` zero bytes, cheaply. */
  zeros(rawLength: number): EncodedPiece<Note> | Promise<EncodedPiece<Note>>;
  /** Packs `raw` so that each byte of it can be found again and overwritten in place. */
  store(raw: Uint8Array): EncodedPiece<Note>;
}

/** What the frame is told of a piece that has been written. */
export interface WrittenPiece<Note = unknown> {
  readonly piece: Piece;
  readonly kind: SegmentKind;
  readonly packedLength: number;
  readonly rawCrc32: number;
  readonly note: Note;
}

/** The bytes around the pieces. */
export interface Frame {
  /** Goes to offset 0; as long as {@link StreamPlan.headLength}. */
  readonly head: Uint8Array;
  /** Follows the last piece. */
  readonly tail: Uint8Array;
}

/** Collects what is needed for {@link Frame}. Pieces are added in order, all of them, then it is finished once. */
export interface FrameBuilder<Note = unknown> {
  add(written: WrittenPiece<Note>): void;
  finish(): Frame;
}

/** Bytes to put into a compressed file, at a packed offset. */
export interface PackedWrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What a patch comes to in one compressed file: writes in ascending order, apart; the file's length stays. */
export interface Seal {
  readonly writes: readonly PackedWrite[];
  /** CRC-32 of the raw bytes after the patch; absent where the map has none before it. */
  readonly rawCrc32: number | undefined;
}

/** How segments of a file are to be packed anew. */
export interface SplicePlan {
  /** As near to those of the file as it tells. */
  readonly settings: EncodeSettings;
  /** Bytes of the largest piece. */
  readonly largestPiece: number;
  /**
   * Raw bytes of each piece that takes a segment's place, but for the last one, which may have fewer; none is stored. A
   * length and no list: how long a segment is, and so how many pieces, only the file says.
   */
  pieceLength(segment: Segment): number;
}

/** What takes the place of one segment. */
export interface NewSegment<Note = unknown> {
  /** Of the segment in the map. */
  readonly index: number;
  /** What became of the pieces of the plan. */
  readonly pieces: readonly WrittenPiece<Note>[];
}

/**
 * What is around the segments of a spliced file. Between head and tail it has what the old file has from `bodyOffset` to
 * `bodyEnd`, but for the new segments, which are in the places of the old ones.
 */
export interface Splice extends Frame {
  readonly bodyOffset: number;
  readonly bodyEnd: number;
}

/**
 * A stream format: all that differs between .gz, .xz and .zst is behind this interface.
 *
 * Implementations open no file and start no thread; what they keep between calls is memory to work in, on which no result
 * depends. (One engine of xz runs a program.) They trust nothing that they read: sizes are checked before memory is
 * taken, and every fault is a `MapError`.
 */
export interface StreamFormat<Note = unknown> {
  /** As in a spec's `formats:`, such as `gz`. */
  readonly name: string;
  /** With the dot, such as `.gz`. */
  readonly extension: string;
  /** URL of a module that exports this object as `format`, so that a worker thread can load it. */
  readonly moduleUrl: string;
  /** Raw bytes of one stored block: an extent that begins at a multiple of it begins with a whole block. */
  readonly storedBlockLength: number;

  /** Completes and checks a choice. @throws MapError `MAP_SETTING`, listing what there is. */
  settle(choice: EncodeChoice): EncodeSettings;
  /**
   * Decides how an image is cut. `stored` is what must be stored, whole 4 KiB blocks, sorted and apart.
   * @throws MapError `MAP_TOO_LARGE` if the format cannot describe it.
   */
  plan(rawLength: number, stored: readonly Extent[], settings: EncodeSettings): StreamPlan;
  /**
   * Bytes of memory that one encoder takes at most for a piece of `pieceLength` bytes, beside the piece itself: the
   * engine's own, wherever it runs, and what the piece comes to.
   */
  encoderMemory(settings: EncodeSettings, pieceLength: number): number;
  /** Makes an encoder for this thread; may load code first. */
  createEncoder(settings: EncodeSettings): Promise<PieceEncoder<Note>>;
  /** Starts the frame of a planned image. */
  openFrame(plan: StreamPlan, settings: EncodeSettings): FrameBuilder<Note>;

  /** Whether the first bytes (16 at least, where the file has them) are this format's. */
  recognises(firstBytes: Uint8Array): boolean;
  /**
   * Reads the map of a file that {@link openFrame} made, wherever stamped since, and checks it against the file's
   * length. Reads only what the map needs. @throws MapError `MAP_*`.
   */
  readMap(packed: ByteSource): Promise<SegmentMap>;
  /**
   * As {@link readMap}, but leaves out what stands once a segment, such as the headers of blocks, so that a file from afar
   * is opened by a few reads. `rawCrc32` may be absent then. Enough to read segments by, not to stamp.
   */
  readOutline(packed: ByteSource): Promise<SegmentMap>;
  /** Bytes of memory that decoding any one segment of the map takes at most, what it yields included. */
  decoderMemory(map: SegmentMap): number;
  /**
   * Decodes one segment; the yielded arrays come to exactly `segment.rawLength` bytes. Each is good until the next is
   * asked for, or the end: it may lie in memory that is used again.
   * Memory stays bounded by {@link decoderMemory}, whatever the segment's length. What a segment's own checksum says is
   * compared behind the last array at the latest: who stops before has bytes that nobody vouches for.
   * @throws MapError `MAP_SEGMENT_DAMAGED`.
   */
  decode(map: MapHead, segment: Segment, packed: ByteSource): AsyncIterable<Uint8Array>;
  /**
   * Reads `length` raw bytes from `rawOffset`, all inside one stored segment, without decoding what lies around them.
   * Checks the framing that it passes, not the checksums.
   * @throws MapError `MAP_SEGMENT_DAMAGED`.
   */
  readStored(
    map: MapHead,
    segment: Segment,
    packed: ByteSource,
    rawOffset: number,
    length: number,
  ): Promise<Uint8Array>;
  /**
   * Works out the writes that put `patch` into the file and make every checksum in it right again, by reading only
   * what they replace. Changes nothing.
   * @throws MapError `MAP_PATCH_NOT_STORED`, `MAP_PATCH_OTHER_BASE`.
   */
  seal(map: SegmentMap, patch: Patch, packed: ByteSource): Promise<Seal>;
  /**
   * Tells where `length` raw bytes from `rawOffset`, all inside one stored segment, stand in the file, for who overwrites
   * them and calls {@link reseal} later. Trusts the framing between them, which {@link readStored} checks.
   * @returns packed extents in ascending order, which come to `length`. @throws MapError `MAP_SEGMENT_DAMAGED`.
   */
  locateStored(
    map: MapHead,
    segment: Segment,
    packed: ByteSource,
    rawOffset: number,
    length: number,
  ): Promise<readonly Extent[]>;
  /**
   * Works out the writes that make every checksum right of a file in which stored bytes were overwritten where they
   * stand, whatever the checksums are. Changes nothing. Reads each stored segment that has a checksum of its own and was
   * touched; vouches for the bytes that it finds there.
   *
   * Checksums over the whole file are among the writes even if nothing was touched: they are all that {@link readMap}
   * reads of what is overwritten here.
   * @param map whose `rawCrc32` is that of the raw bytes as they are now, where the format keeps one.
   * @param changed raw extents, sorted and apart. `RangeError` unless all of them are stored.
   * @returns writes in ascending order, apart. @throws MapError `MAP_INCONSISTENT`, `MAP_SEGMENT_DAMAGED`.
   */
  reseal(map: SegmentMap, changed: readonly Extent[], packed: ByteSource): Promise<readonly PackedWrite[]>;

  /**
   * Decides how some segments of the map, none of them stored, are packed anew. Costs no more than a few reads.
   * @throws MapError `MAP_SETTING` where this program cannot write what would fit into the file.
   */
  planSplice(map: SegmentMap, segments: readonly Segment[], packed: ByteSource): Promise<SplicePlan>;
  /**
   * The same piece, made `packedLength` bytes long by what the format has for padding; undefined where that does not come
   * to this length, or some decoder in the field would not take it. May keep the piece's bytes, and change them.
   */
  pad(piece: EncodedPiece<Note>, packedLength: number): EncodedPiece<Note> | undefined;
  /**
   * Works out what is around the segments once new ones, in ascending order, are in the places of old ones, and the raw
   * bytes have the CRC-32 `rawCrc32`. The base that the file names stays. Changes nothing.
   * @throws MapError `MAP_TOO_LARGE` if the format cannot describe it.
   */
  splice(
    map: SegmentMap,
    segments: readonly NewSegment<Note>[],
    rawCrc32: number | undefined,
    packed: ByteSource,
  ): Promise<Splice>;
}
