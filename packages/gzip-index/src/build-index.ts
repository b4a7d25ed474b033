import { crc32 as platformCrc32, deflateRawSync, inflateRawSync } from "node:zlib";
import type { ByteSource } from "@bootstamp/byte-source";
import { crc32 } from "@bootstamp/crc";
import { forwardReader } from "./forward-reader.ts";
import type { GzipIndex } from "./gzip-index.ts";
import { gzipSteps } from "./gzip-steps.ts";
import { firstMemberData } from "./member-header.ts";
import { PointTable, type SeekPoint } from "./point-table.ts";

export interface BuildIndexOptions {
  /** The least raw bytes between two points with windows. 4 MiB by default. */
  readonly spacing?: number;
  /** Takes the raw bytes in order on their way; they are valid until it returns, or its promise resolves. */
  readonly onBytes?: (bytes: Uint8Array) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** An index, and what its making showed of the file. */
export interface BuiltIndex {
  readonly index: GzipIndex;
  /** What follows the last member. Of garbage, GNU gzip says that it is ignored. */
  readonly trailing: "nothing" | "zeros" | "garbage";
  readonly memberCount: number;
}

/** A point on its way into an index. */
interface Candidate {
  readonly point: SeekPoint;
  /** Deflated: most are much like other data. */
  readonly window: Uint8Array | undefined;
  /** Of the raw bytes from here to the next. */
  crc32: number;
}

const defaultSpacing: number = 4 << 20;
/** Members that begin closer together share a point: there may be many thousands of them. */
const memberSpacing: number = 32 << 10;
/** A window takes 32 KiB in a file: at most 64 MiB of them, and twice the spacing for larger images. */
const maxWindows = 2048;
const maxPoints: number = 128 << 10;

/**
 * Inflates a whole .gz once, checks its CRC-32s and lengths, and keeps points to inflate it from later.
 *
 * Points are at the first block after each `spacing` bytes, and where members begin. Where windows would come to more
 * than 64 MiB, every second point is left out, and so on. About 150 MB/s of raw bytes; the event loop is held up for
 * some milliseconds at a time. Reads `packed` in order.
 * @throws GzipIndexError `GZINDEX_NOT_GZIP`, `GZINDEX_STREAM_DAMAGED`; the signal's reason.
 */
export async function buildGzipIndex(
  packed: ByteSource,
  options: BuildIndexOptions = {},
): Promise<BuiltIndex> {
  const reader = forwardReader(packed);
  const candidates = new Candidates(options.spacing ?? defaultSpacing);
  const first = await firstMemberData(reader);
  candidates.add({ rawOffset: 0, packedOffset: first, bits: 0, hasWindow: false }, undefined);
  let memberCount = 1;
  for await (const step of gzipSteps(reader, { packedBit: first * 8, window: undefined }, true)) {
    options.signal?.throwIfAborted();
    if (step.kind === "bytes") {
      candidates.pass(step.bytes);
      await options.onBytes?.(step.bytes);
    } else if (step.kind === "block") {
      candidates.addBlock(step.packedBit, step.window);
    } else if (step.kind === "member") {
      memberCount++;
      candidates.addMember(step.packedBit / 8);
    } else {
      candidates.addEnd(packed.length);
      return { index: candidates.index(packed.length), trailing: step.trailing, memberCount };
    }
  }
  throw new Error("internal error: a gzip file without an end");
}

class Candidates {
  #list: Candidate[] = [];
  #spacing: number;
  #windows = 0;
  #rawOffset = 0;

  constructor(spacing: number) {
    this.#spacing = spacing;
  }

  add(point: SeekPoint, window: Uint8Array | undefined): void {
    const deflated = window === undefined ? undefined : deflateRawSync(window, { level: 1 });
    this.#list.push({ point, window: deflated, crc32: 0 });
    if (window !== undefined) this.#windows++;
    if (this.#windows > maxWindows || this.#list.length > maxPoints) this.#thin();
  }

  pass(bytes: Uint8Array): void {
    const last = this.#list.at(-1);
    if (last !== undefined) last.crc32 = platformCrc32(bytes, last.crc32);
    this.#rawOffset += bytes.length;
  }

  addBlock(packedBit: number, window: () => Uint8Array): void {
    if (this.#passed() < this.#spacing) return;
    const bits = (8 - (packedBit % 8)) % 8;
    const packedOffset = (packedBit + bits) / 8;
    this.add({ rawOffset: this.#rawOffset, packedOffset, bits, hasWindow: true }, window());
  }

  addMember(packedOffset: number): void {
    if (this.#passed() < memberSpacing) return;
    this.add({ rawOffset: this.#rawOffset, packedOffset, bits: 0, hasWindow: false }, undefined);
  }

  /** indexed_gzip takes the last point for as far as the index reaches. */
  addEnd(packedLength: number): void {
    const end = { rawOffset: this.#rawOffset, packedOffset: packedLength, bits: 0, hasWindow: false };
    this.#list.push({ point: end, window: undefined, crc32: 0 });
  }

  index(packedLength: number): GzipIndex {
    const windows = this.#list.map(({ window }) => window);
    return {
      packedLength,
      rawLength: this.#rawOffset,
      spacing: this.#spacing,
      points: PointTable.of(this.#list.map(({ point }) => point)),
      spanCrc32s: Uint32Array.from(this.#list, (candidate) => candidate.crc32),
      window: async (point) => {
        const window = windows[point];
        return window === undefined ? undefined : inflateRawSync(window);
      },
    };
  }

  #passed(): number {
    return this.#rawOffset - (this.#list.at(-1)?.point.rawOffset ?? 0);
  }

  /** Leaves out every second point, and asks for twice the distance from here on. */
  #thin(): void {
    const kept: Candidate[] = [];
    for (let index = 0; index < this.#list.length; index += 2) {
      const [one, next] = [this.#list[index], this.#list[index + 1]];
      if (one === undefined) continue;
      if (next !== undefined) one.crc32 = crc32.combine(one.crc32, next.crc32, this.#lengthFrom(index + 1));
      kept.push(one);
    }
    this.#list = kept;
    this.#windows = kept.filter(({ window }) => window !== undefined).length;
    this.#spacing = Math.max(this.#spacing * 2, Math.floor(this.#rawOffset / kept.length));
  }

  #lengthFrom(index: number): number {
    const from = this.#list[index]?.point.rawOffset ?? 0;
    return (this.#list[index + 1]?.point.rawOffset ?? this.#rawOffset) - from;
  }
}
