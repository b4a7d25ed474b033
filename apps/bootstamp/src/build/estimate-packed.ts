import type { ByteSource } from "@bootstamp/byte-source";
import type { EncodeSettings, Extent, StreamFormat } from "@bootstamp/segment-map";

/** A part of an image, and about what it comes to compressed. */
export interface EstimatedPart extends Extent {
  readonly packedLength: number;
}

const sampleLength = 64 << 10;
const sampleCount = 512;

/**
 * About what the parts of an image come to compressed: it is cut into at most 512 equal parts, and 64 KiB in the middle
 * of each stand for all of it. Costs the compression of 32 MiB, whatever the image's length.
 */
export async function estimatePacked(
  base: ByteSource,
  format: StreamFormat,
  settings: EncodeSettings,
  signal: AbortSignal,
): Promise<EstimatedPart[]> {
  const encoder = await format.createEncoder(settings);
  const partLength = Math.max(sampleLength, Math.ceil(base.length / sampleCount));
  const parts: EstimatedPart[] = [];
  for (let offset = 0; offset < base.length; offset += partLength) {
    signal.throwIfAborted();
    const length = Math.min(partLength, base.length - offset);
    const taken = Math.min(sampleLength, length);
    const sample = await base.read(offset + Math.floor((length - taken) / 2), taken);
    const isZero = !sample.some((byte) => byte !== 0);
    const packed = await (isZero ? encoder.zeros(taken) : encoder.compress(sample));
    // Zeros are packed by the piece, not by the byte: a longer run of them is hardly more.
    const share = isZero ? packed.bytes.length : (packed.bytes.length / taken) * length;
    parts.push({ offset, length, packedLength: Math.round(share) });
  }
  return parts;
}
