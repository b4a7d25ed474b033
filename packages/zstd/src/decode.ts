import type { ByteSource } from "@bootstamp/byte-source";
import { isZeroRun, type Segment, segmentFault, type MapHead } from "@bootstamp/segment-map";
import { decompressInWindows, decompressWhole } from "./decompress.ts";
import { maxHeaderLength, parseFrameHeader } from "./frame-header.ts";
import { maxFrameLength } from "./layout.ts";
import { checkOwnHeader } from "./own-frame.ts";
import { isOwn } from "./own-table.ts";
import { readTableChecksum } from "./table-checksum.ts";
import { viewOf } from "./view-of.ts";
import { beginChecksum, checksumLength } from "./xxh64.ts";
import { crcText } from "@bootstamp/crc";

/**
 * See {@link StreamFormat.decode}. Every segment up to 16 MiB, and so every one of ours, comes as one part, whose
 * checksum has been compared. Longer ones come in parts, and their checksum is compared behind the last one.
 */
export async function* decode(
  map: MapHead,
  segment: Segment,
  packed: ByteSource,
): AsyncGenerator<Uint8Array> {
  if (isOwn(map)) yield await decodeOwn(segment, packed);
  else yield* decodeForeign(segment, packed);
}

async function decodeOwn(segment: Segment, packed: ByteSource): Promise<Uint8Array> {
  const frame = await packed.read(segment.packedOffset, segment.packedLength);
  checkOwnHeader(segment, frame);
  await compareWithTable(segment, packed, checksumAt(frame, frame.length - checksumLength));
  const raw = decompressWhole(segment, frame, false);
  // Who knows the map need not decode such a segment, and must not see other bytes than who does.
  if (segment.kind === "zero" && !isZeroRun(raw))
    throw segmentFault(segment, "it has other bytes than zeros");
  return raw;
}

async function* decodeForeign(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  const { packedOffset, rawLength, packedLength } = segment;
  const beginning = await packed.read(packedOffset, Math.min(maxHeaderLength, packedLength));
  const { contentLength = rawLength, hasChecksum } = parseFrameHeader(segment, beginning);
  if (contentLength !== rawLength)
    throw segmentFault(segment, `its frame says ${contentLength} bytes, expected ${rawLength}`);
  if (hasChecksum) {
    const end = packedOffset + packedLength - checksumLength;
    await compareWithTable(segment, packed, checksumAt(await packed.read(end, checksumLength), 0));
    yield* decompress(segment, packed);
  } else yield* decompressWithChecksum(segment, packed);
}

async function* decompress(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  const { packedOffset, rawLength, packedLength } = segment;
  if (Math.max(rawLength, packedLength / 2) > maxFrameLength) yield* decompressInWindows(segment, packed);
  else yield decompressWhole(segment, await packed.read(packedOffset, packedLength), true);
}

/** For a frame that has no checksum, where the seek table may have one. */
async function* decompressWithChecksum(segment: Segment, packed: ByteSource): AsyncGenerator<Uint8Array> {
  const running = await beginChecksum();
  let rest = segment.rawLength;
  for await (const part of decompress(segment, packed)) {
    running.update(part);
    rest -= part.length;
    if (rest === 0) await compareWithTable(segment, packed, running.digest());
    yield part;
  }
}

/** A frame's own checksum is compared in decompressing; readers of the seek table may go by the one that is there. */
async function compareWithTable(segment: Segment, packed: ByteSource, got: number): Promise<void> {
  const expected = await readTableChecksum(segment, packed);
  if (expected === undefined || got === expected) return;
  throw segmentFault(
    segment,
    `its frame has checksum ${crcText(got)}, the seek table says ${crcText(expected)}`,
  );
}

function checksumAt(bytes: Uint8Array, offset: number): number {
  return viewOf(bytes).getUint32(offset, true);
}
