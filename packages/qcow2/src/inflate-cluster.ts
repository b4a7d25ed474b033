// Compressed clusters: raw deflate (RFC 1951) or zstd frames (RFC 8878 §3.1.1). The bytes that an entry points to reach
// to the end of a sector, so that others' may follow the stream's own.
import { promisify } from "node:util";
import { constants, inflateRaw, zstdDecompress } from "node:zlib";
import type { ClusterCompression } from "./header.ts";
import { Qcow2Error } from "./qcow2-error.ts";
import { frameLength } from "./zstd-frame-length.ts";

const inflate = promisify<Uint8Array, object, Uint8Array>(inflateRaw);
const decompress = promisify<Uint8Array, object, Uint8Array>(zstdDecompress);

/** Where a compressed cluster is: in the disk, and in the file. */
export interface CompressedPlace {
  readonly offset: number;
  readonly hostOffset: number;
}

/** Decompresses a cluster of `length` bytes in the thread pool. @throws Qcow2Error `QCOW2_CLUSTER_DAMAGED`. */
export async function inflateCluster(
  compression: ClusterCompression,
  packed: Uint8Array,
  length: number,
  place: CompressedPlace,
): Promise<Uint8Array> {
  let cluster: Uint8Array;
  try {
    cluster = await (compression === "zstd" ? fromZstd(packed, length) : fromDeflate(packed, length));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw clusterFault(place, error.message, error);
  }
  if (cluster.length !== length)
    throw clusterFault(place, `it comes to ${cluster.length} bytes, expected ${length}`);
  return cluster;
}

async function fromDeflate(packed: Uint8Array, length: number): Promise<Uint8Array> {
  // Without the flush a stream that fills the cluster and does not end would be refused; QEMU takes it.
  const finishFlush = constants.Z_SYNC_FLUSH;
  return await inflate(packed, { ...limits(length), finishFlush });
}

/** A cluster may be more than one frame; Node decompresses one at a time. */
async function fromZstd(packed: Uint8Array, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let done = 0;
  for (let at = 0; done < length;) {
    const end = at + frameLength(packed.subarray(at));
    const part = await decompress(packed.subarray(at, end), limits(length - done));
    parts.push(part);
    done += part.length;
    at = end;
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

/** One byte more than will come, so that no second buffer is begun. */
function limits(length: number): { chunkSize: number; maxOutputLength: number } {
  return { chunkSize: length + 64, maxOutputLength: length };
}

function clusterFault({ offset, hostOffset }: CompressedPlace, detail: string, cause?: Error): Qcow2Error {
  return new Qcow2Error(
    "QCOW2_CLUSTER_DAMAGED",
    `the compressed cluster at offset ${offset} of the disk, ${hostOffset} of the file, does not decompress: ${detail}`,
    { offset, hostOffset },
    { cause },
  );
}
