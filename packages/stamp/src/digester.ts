import { extname } from "node:path";
import { checkOverwrites, type Overwrite } from "@bootstamp/byte-source";
import { crc64nvme } from "@bootstamp/crc";
import type { Extent } from "@bootstamp/segment-map";
import { openThreadPool } from "@bootstamp/threads";
import { deal } from "./deal.ts";
import type { DigestJob, RangesJob } from "./digest-task.ts";
import { runDigestJobs, type DigestPool, type DigestRequest } from "./run-digest-jobs.ts";

/**
 * Digests of files as they would be with some bytes overwritten, computed in threads.
 *
 * Of an artifact that is a clone this reads the stampable file, which is in the page cache, and not the clone, which
 * is not. Memory does not depend on the file's length. Every method throws SourceError `SOURCE_CHANGED` if the file is
 * not what it was when it was opened, the signal's reason, and `RangeError` for overwrites that overlap, are out of
 * order, or reach outside the file.
 */
export interface Digester {
  /** SHA-256 of the whole file, in hex. A thread that has seen the file before goes on from where variants part. */
  digest(request: DigestRequest & { readonly overwrites?: readonly Overwrite[] }): Promise<string>;
  /**
   * SHA-256 of the whole file with each variant's overwrites, in hex, in the order of the variants. Every thread reads
   * the file once for all its variants, and hashes what they have in common at the start once.
   */
  digestVariants(request: DigestRequest & { readonly variants: readonly Variant[] }): Promise<string[]>;
  /** SHA-256 of each range of the file with the overwrites, in hex, in the order of the ranges. */
  digestRanges(
    request: DigestRequest & {
      readonly ranges: readonly Extent[];
      readonly overwrites?: readonly Overwrite[];
    },
  ): Promise<string[]>;
  /** CRC-64/NVME of the whole file as it is. */
  crc64nvme(request: DigestRequest): Promise<bigint>;
  /** Ends the threads; what is under way fails. */
  close(): Promise<void>;
}

type Variant = readonly Overwrite[];

/** Starts the threads of a digester. @param options `threads`: default one a core. */
export function openDigester(options: { readonly threads?: number } = {}): Digester {
  // The module is .ts in the source tree and .js when built, as this one is.
  const module = new URL(`./digest-worker${extname(import.meta.url)}`, import.meta.url);
  const pool: DigestPool = openThreadPool(module, undefined, options.threads);
  return {
    digest: async (request) => {
      const [digest = ""] = await shareVariants(pool, request, [request.overwrites ?? []]);
      return digest;
    },
    digestVariants: async (request) => await shareVariants(pool, request, request.variants),
    digestRanges: async (request) => {
      const { ranges, overwrites = [] } = request;
      return await shareRanges(pool, request, { algorithm: "sha256", ranges, overwrites });
    },
    crc64nvme: async (request) => {
      const ranges = splitEvenly(request.file.length, pool.threads);
      const job = { algorithm: "crc64nvme", ranges, overwrites: [] } as const;
      return combine(ranges, await shareRanges(pool, request, job));
    },
    close: async () => await pool.close(),
  };
}

/** Deals the variants out by where they part from the base, so that every thread gets early and late ones. */
async function shareVariants(
  pool: DigestPool,
  request: DigestRequest,
  variants: readonly Variant[],
): Promise<string[]> {
  for (const overwrites of variants) checkOverwrites(request.file.length, overwrites);
  const firstOf = (index: number): number => variants[index]?.[0]?.offset ?? request.file.length;
  const order = [...variants.keys()].toSorted((a, b) => firstOf(a) - firstOf(b));
  const shares = deal(order, pool.threads, () => 1);
  const jobs = shares.map((share): DigestJob => {
    return { kind: "variants", variants: share.map((index) => compact(variants[index] ?? [])) };
  });
  return inGivenOrder(shares, await runDigestJobs(pool, request, jobs));
}

/** Deals the ranges out, the long ones first. */
async function shareRanges(
  pool: DigestPool,
  request: DigestRequest,
  { algorithm, ranges, overwrites }: Omit<RangesJob, "kind">,
): Promise<string[]> {
  checkOverwrites(request.file.length, overwrites);
  const lengthOf = (index: number): number => ranges[index]?.length ?? 0;
  const order = [...ranges.keys()].toSorted((a, b) => lengthOf(b) - lengthOf(a));
  const shares = deal(order, pool.threads, lengthOf);
  const compacted = compact(overwrites);
  const jobs = shares.map((share): DigestJob => {
    const own = share.flatMap((index) => ranges[index] ?? []);
    return { kind: "ranges", algorithm, ranges: own, overwrites: compacted };
  });
  return inGivenOrder(shares, await runDigestJobs(pool, request, jobs));
}

/** A structured clone of a part of a buffer would take the whole buffer along. */
function compact(overwrites: readonly Overwrite[]): Overwrite[] {
  return overwrites.map((overwrite) => {
    const { offset, bytes } = overwrite;
    return bytes.byteLength === bytes.buffer.byteLength
      ? overwrite
      : { offset, bytes: new Uint8Array(bytes) };
  });
}

function inGivenOrder(shares: readonly (readonly number[])[], answers: readonly string[][]): string[] {
  const digests: string[] = [];
  for (const [share, indices] of shares.entries()) {
    for (const [at, index] of indices.entries()) digests[index] = answers[share]?.[at] ?? "";
  }
  return digests;
}

function splitEvenly(length: number, parts: number): Extent[] {
  const partLength = Math.ceil(length / parts);
  const extents: Extent[] = [];
  for (let offset = 0; offset < length; offset += partLength) {
    extents.push({ offset, length: Math.min(partLength, length - offset) });
  }
  return extents;
}

function combine(ranges: readonly Extent[], checksums: readonly string[]): bigint {
  return ranges.reduce(
    (whole, { length }, index) => crc64nvme.combine(whole, BigInt(`0x${checksums[index]}`), length),
    crc64nvme.empty,
  );
}
