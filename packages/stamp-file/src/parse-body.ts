import type { Patch, PatchRun } from "@bootstamp/byte-source";
import { compareArtifacts, isFormatName } from "./artifact-order.ts";
import { ByteReader } from "./byte-reader.ts";
import { digestText } from "./digest-bytes.ts";
import { maxArtifacts, maxRuns } from "./limits.ts";
import type { Stamp, StampArtifact, StampBase, StampResult } from "./stamp.ts";
import { damaged } from "./stamp-file-error.ts";
import { patchedCrc32 } from "@bootstamp/crc";

const digestLength = 32;
/** No entry takes less: two numbers, a CRC-32, and one byte at least of the run. */
const shortestRun = 7;
const shortestArtifact = 1 + 1 + digestLength + 1 + 1;

/**
 * Takes a body apart that anybody may have written, and checks that `encodeBody` would write it. The runs' bytes are
 * views of `body`. @throws StampFileError `STAMP_FILE_DAMAGED`.
 */
export function parseBody(body: Uint8Array): Stamp {
  const reader = new ByteReader(body);
  const { base, result } = parseRaw(reader);
  const name = parseName(reader.short());
  const artifacts = parseArtifacts(reader);
  const patch = parsePatch(reader, base.rawLength);
  if (reader.rest > 0) throw damaged(`${reader.rest} bytes follow the last run`);
  const crc = patchedCrc32(base.rawCrc32, base.rawLength, patch);
  if (crc !== result.rawCrc32) {
    throw damaged(`its runs come to CRC-32 ${crc} of the raw image, it says ${result.rawCrc32}`);
  }
  return { name, base, result, artifacts, patch };
}

function parseRaw(reader: ByteReader): { base: StampBase; result: StampResult } {
  const base = { rawLength: reader.uint(8), rawCrc32: reader.uint(4) };
  const result = { rawCrc32: reader.uint(4) };
  const digests = parseFlags(reader, 3);
  const baseDigest = (digests & 1) === 0 ? {} : { rawSha256: parseDigest(reader) };
  const resultDigest = (digests & 2) === 0 ? {} : { rawSha256: parseDigest(reader) };
  return { base: { ...base, ...baseDigest }, result: { ...result, ...resultDigest } };
}

function parseFlags(reader: ByteReader, known: number): number {
  const flags = reader.uint(1);
  if ((flags & ~known) !== 0) throw damaged(`a byte of flags is ${flags}, of which ${known} are known`);
  return flags;
}

function parseDigest(reader: ByteReader): string {
  return digestText(reader.bytes(digestLength));
}

function parseName(bytes: Uint8Array): string {
  if (bytes.length === 0) throw damaged("its name is empty");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw damaged("its name is not UTF-8", error);
  }
}

function parseArtifacts(reader: ByteReader): StampArtifact[] {
  const count = reader.varint();
  checkCount(reader, count, { unit: "artifacts", most: maxArtifacts, shortest: shortestArtifact });
  const artifacts: StampArtifact[] = [];
  while (artifacts.length < count) {
    const artifact = parseArtifact(reader);
    const previous = artifacts.at(-1);
    if (previous !== undefined && compareArtifacts(previous, artifact) >= 0) {
      throw damaged("its artifacts are out of order");
    }
    artifacts.push(artifact);
  }
  return artifacts;
}

function parseArtifact(reader: ByteReader): StampArtifact {
  const format = Buffer.from(reader.short()).toString("latin1");
  if (!isFormatName(format)) throw damaged("a format's name is not 1 to 16 of a-z and 0-9");
  const stampable = parseDigest(reader);
  const length = reader.varint();
  const digests = parseFlags(reader, 7);
  return {
    format,
    stampable,
    length,
    ...((digests & 1) === 0 ? {} : { sha256: parseDigest(reader) }),
    ...((digests & 2) === 0 ? {} : { crc64nvme: Buffer.from(reader.bytes(8)).readBigUInt64LE() }),
    ...((digests & 4) === 0 ? {} : { fsverity: parseDigest(reader) }),
  };
}

function parsePatch(reader: ByteReader, rawLength: number): Patch {
  const count = reader.varint();
  checkCount(reader, count, { unit: "runs", most: maxRuns, shortest: shortestRun });
  const places: { readonly offset: number; readonly length: number }[] = [];
  let end = 0;
  while (places.length < count) {
    const gap = reader.varint();
    const length = reader.varint();
    // Written as one run, so that there is one way to write it.
    if (gap === 0 && places.length > 0) throw damaged(`two runs touch at ${end}`);
    if (length === 0) throw damaged(`the run ${gap} bytes after ${end} is empty`);
    if (gap > rawLength - end || length > rawLength - end - gap) {
      throw damaged(
        `a run of ${length} bytes, ${gap} after ${end}, reaches beyond the image of ${rawLength}`,
      );
    }
    places.push({ offset: end + gap, length });
    end += gap + length;
  }
  const crcs = places.map(() => reader.uint(4));
  return places.map(({ offset, length }, index): PatchRun => {
    return { offset, bytes: reader.bytes(length), replacedCrc32: crcs[index] ?? 0 };
  });
}

/** No list is begun that the rest has no room for. */
function checkCount(
  { rest }: ByteReader,
  count: number,
  { unit, most, shortest }: { unit: string; most: number; shortest: number },
): void {
  if (count > most) throw damaged(`it has ${count} ${unit}, at most ${most} are allowed`);
  if (count * shortest > rest) throw damaged(`it has ${count} ${unit} in the last ${rest} bytes`);
}
