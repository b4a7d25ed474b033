import type { ByteSource } from "@bootstamp/byte-source";
import { totalLength, type EncodeSettings, type Extent, type StreamFormat } from "@bootstamp/segment-map";

/** Bytes that are compressed at most to find the cost; beyond, every so many-th piece speaks for the others. */
const sampledLength = 32 << 20;
const sampleLength = 1 << 20;

/** What leaving extents uncompressed adds to a file of a format, in bytes: measured by compressing them. */
export async function storingCost(
  base: ByteSource,
  extents: readonly Extent[],
  format: StreamFormat,
  settings: EncodeSettings,
  signal: AbortSignal,
): Promise<number> {
  const encoder = await format.createEncoder(settings);
  const samples = extents.flatMap(cut);
  const step = Math.max(1, Math.ceil(totalLength(samples) / sampledLength));
  let sampled = 0;
  let added = 0;
  for (const { offset, length } of samples.filter((_, index) => index % step === 0)) {
    signal.throwIfAborted();
    const raw = await base.read(offset, length);
    added += encoder.store(raw).bytes.length - (await encoder.compress(raw)).bytes.length;
    sampled += length;
  }
  return sampled === 0 ? 0 : Math.round((added / sampled) * totalLength(samples));
}

function cut({ offset, length }: Extent): Extent[] {
  const parts: Extent[] = [];
  for (let at = 0; at < length; at += sampleLength) {
    parts.push({ offset: offset + at, length: Math.min(sampleLength, length - at) });
  }
  return parts;
}
