// The body of a stamp, which is packed as a whole. FORMAT.md, "stamp"; all numbers are unsigned, the lowest byte first.
//
//   0    8  length of the raw image
//   8    4  CRC-32 of the base's raw bytes
//   12   4  CRC-32 of the raw bytes with the stamp in them
//   16   1  which SHA-256 follow: 1 the base's, 2 the result's
//   17      the SHA-256, 32 bytes each
//           length of the name (1 byte), the name in UTF-8
//           number of artifacts (LEB128), then for each, sorted by format and stampable file:
//             length of the format's name (1 byte), the format's name; SHA-256 of the stampable file's identity;
//             length (LEB128); which digests follow (1 byte): 1 SHA-256, 2 CRC-64/NVME, 4 fs-verity; these
//           number of runs (LEB128), then for each: bytes since the end of the one before, bytes in it (LEB128)
//           for each run: CRC-32 of the base's bytes that it replaces (4 bytes)
//           the bytes of all runs
import type { Patch } from "@bootstamp/byte-source";
import { compareArtifacts, isFormatName } from "./artifact-order.ts";
import { ByteWriter } from "./byte-writer.ts";
import { digestBytes } from "./digest-bytes.ts";
import { maxArtifacts, maxBodyLength, maxNameLength, maxRuns } from "./limits.ts";
import type { Stamp, StampArtifact } from "./stamp.ts";
import { tooLarge } from "./stamp-file-error.ts";
import { patchedCrc32 } from "@bootstamp/crc";

/** The bytes of a stamp's body: the same stamp always gives the same. @throws as `encodeStamp`. */
export function encodeBody(stamp: Stamp): Uint8Array {
  checkPatch(stamp);
  const writer = new ByteWriter();
  writeRaw(writer, stamp);
  writer.short(nameBytes(stamp.name));
  writeArtifacts(writer, stamp.artifacts);
  writePatch(writer, stamp.patch);
  if (writer.length > maxBodyLength) throw tooLarge(writer.length, maxBodyLength, "bytes");
  return writer.finish();
}

function writeRaw(writer: ByteWriter, { base, result }: Stamp): void {
  writer.uint(base.rawLength, 8);
  writer.uint(base.rawCrc32, 4);
  writer.uint(result.rawCrc32, 4);
  writer.uint(flag(base.rawSha256, 1) + flag(result.rawSha256, 2), 1);
  if (base.rawSha256 !== undefined) writer.bytes(digestBytes(base.rawSha256));
  if (result.rawSha256 !== undefined) writer.bytes(digestBytes(result.rawSha256));
}

function flag(digest: unknown, bit: number): number {
  return digest === undefined ? 0 : bit;
}

function nameBytes(name: string): Uint8Array {
  const bytes = Buffer.from(name);
  if (!name.isWellFormed() || bytes.length < 1 || bytes.length > maxNameLength) {
    throw new RangeError(
      `a stamp's name has 1 to ${maxNameLength} bytes of UTF-8, not ${bytes.length}: ${JSON.stringify(name)}`,
    );
  }
  return bytes;
}

function writeArtifacts(writer: ByteWriter, artifacts: readonly StampArtifact[]): void {
  if (artifacts.length > maxArtifacts) throw tooLarge(artifacts.length, maxArtifacts, "artifacts");
  writer.varint(artifacts.length);
  let previous: StampArtifact | undefined;
  for (const artifact of artifacts.toSorted(compareArtifacts)) {
    if (previous !== undefined && compareArtifacts(previous, artifact) === 0) {
      throw new RangeError(`two artifacts of ${artifact.format} and stampable file ${artifact.stampable}`);
    }
    writeArtifact(writer, artifact);
    previous = artifact;
  }
}

function writeArtifact(writer: ByteWriter, artifact: StampArtifact): void {
  const { format, stampable, length, sha256, crc64nvme, fsverity } = artifact;
  if (!isFormatName(format)) throw new RangeError(`not a format's name: ${JSON.stringify(format)}`);
  if (!Number.isSafeInteger(length) || length < 0)
    throw new RangeError(`not an artifact's length: ${length}`);
  writer.short(Buffer.from(format));
  writer.bytes(digestBytes(stampable));
  writer.varint(length);
  writer.uint(flag(sha256, 1) + flag(crc64nvme, 2) + flag(fsverity, 4), 1);
  if (sha256 !== undefined) writer.bytes(digestBytes(sha256));
  if (crc64nvme !== undefined) writer.bytes(crc64Bytes(crc64nvme));
  if (fsverity !== undefined) writer.bytes(digestBytes(fsverity));
}

function crc64Bytes(crc: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(crc);
  return bytes;
}

function writePatch(writer: ByteWriter, patch: Patch): void {
  writer.varint(patch.length);
  let end = 0;
  for (const { offset, bytes } of patch) {
    writer.varint(offset - end);
    writer.varint(bytes.length);
    end = offset + bytes.length;
  }
  for (const { replacedCrc32 } of patch) writer.uint(replacedCrc32, 4);
  for (const { bytes } of patch) writer.bytes(bytes);
}

/** Before anything is written: a run that lies elsewhere than it seems would be stamped there. */
function checkPatch({ base, result, patch }: Stamp): void {
  if (patch.length > maxRuns) throw tooLarge(patch.length, maxRuns, "runs");
  const crcs = [base.rawCrc32, result.rawCrc32, ...patch.map(({ replacedCrc32 }) => replacedCrc32)];
  const wrong = crcs.find((crc) => !(Number.isInteger(crc) && crc >= 0 && crc < 2 ** 32));
  if (wrong !== undefined) throw new RangeError(`not a CRC-32: ${wrong}`);
  if (!Number.isSafeInteger(base.rawLength) || base.rawLength < 0) {
    throw new RangeError(`not a raw image's length: ${base.rawLength}`);
  }
  checkRuns(base.rawLength, patch);
  const crc = patchedCrc32(base.rawCrc32, base.rawLength, patch);
  if (crc !== result.rawCrc32) {
    throw new RangeError(
      `the patch comes to CRC-32 ${crc} of the raw image, the stamp says ${result.rawCrc32}`,
    );
  }
}

function checkRuns(rawLength: number, patch: Patch): void {
  let free = 0;
  for (const { offset, bytes } of patch) {
    const fits = Number.isSafeInteger(offset) && offset >= free && bytes.length <= rawLength - offset;
    if (!fits || bytes.length === 0) {
      throw new RangeError(
        `no run of ${bytes.length} bytes can be at ${offset}: ${free} to ${rawLength} is free`,
      );
    }
    // Runs that touch are one run.
    free = offset + bytes.length + 1;
  }
}
