import { decodeSegments, type Decoded, type DecodeRequest } from "./decode-segments.ts";

/**
 * Decodes a whole stampable image or artifact, in threads, and holds every checksum in it against the bytes.
 * Writes nothing. Costs a decompression of the file.
 * @throws MapError `MAP_*`, with the place of the damage, or with the extents that it must be in; SourceError; the
 * signal's reason.
 */
export async function checkImage(request: DecodeRequest): Promise<Decoded> {
  return await decodeSegments(request);
}
