import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { checkImage, chunksOf, unpackStream, type DecodeRequest } from "@bootstamp/press";
import { stampableIdentity, verifyArtifact } from "@bootstamp/stamp";
import type { ByteSource } from "@bootstamp/byte-source";
import type { Stamp, StampArtifact } from "@bootstamp/stamp-file";
import { aboutFile } from "../about-file.ts";
import { ProgramError } from "../program-error.ts";
import { openReadable, type ReadableImage } from "../open-readable.ts";
import { readStamp } from "../read-stamp.ts";
import { printable } from "../report/printable.ts";
import type { Reporter } from "../report/reporter.ts";
import { crcText } from "@bootstamp/crc";

export interface VerifyStampOptions {
  /** An artifact of any kind: a path or a URL. */
  readonly artifact: string;
  readonly stamp: string;
  /** Whether all of it is read, rather than what the stamp touches alone. */
  readonly full: boolean;
}

/** Says whether an artifact is the stamp's base with the stamp in it. */
export async function verifyStamp(
  { artifact: path, stamp: stampPath, full }: VerifyStampOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const stamp = await readStamp(stampPath);
  const image = await openReadable(path, { reporter, signal });
  try {
    const { packed, file, raw, name } = image;
    const artifact = packed === undefined ? { artifact: raw } : { format: packed.format, artifact: file };
    const vouched = await aboutFile(name, async () => await verifyArtifact({ ...artifact, stamp }));
    const whole = full
      ? await aboutFile(name, async () => await verifyWhole(image, stamp, reporter, signal))
      : undefined;
    const limits = vouched.rawCrc32 ? "" : "; the format does not vouch for the rest: --full reads it";
    const read =
      whole === undefined ? `what the stamp touches was read${limits}` : `all of it was read, by ${whole}`;
    const facts = { stamp: stamp.name, base: stamp.base, full, vouched };
    reporter.tell(
      { event: "verified", path: name, ...facts, ...(whole === undefined ? {} : { by: whole }) },
      [
        `ok      ${name}: base ${crcText(stamp.base.rawCrc32)} with stamp "${printable(stamp.name)}"; ${read}`,
      ],
    );
  } finally {
    await image.close();
    reporter.settle();
  }
}

/** Holds all of an artifact against the best digest that the stamp has for it, and says which that was. */
async function verifyWhole(
  { packed, file, raw }: ReadableImage,
  { result, artifacts }: Stamp,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<string> {
  const onProgress = (done: number, total: number): void =>
    reporter.progress({ task: "verify", done, total });
  const read = (source: ByteSource): AsyncIterable<Uint8Array> => watched(source, onProgress, signal);
  if (packed === undefined) {
    if (result.rawSha256 === undefined) return compareCrc(await crc32Of(read(raw)), result.rawCrc32);
    return compareSha256("the image", await sha256Of(read(raw)), result.rawSha256);
  }
  const expected = artifactOf(artifacts, packed)?.sha256;
  if (expected !== undefined) return compareSha256("the artifact", await sha256Of(read(file)), expected);
  const request: DecodeRequest = {
    ...packed,
    packed: file,
    signal,
    onProgress: ({ rawDone }) => onProgress(rawDone, raw.length),
  };
  if (result.rawSha256 !== undefined)
    return compareSha256("the image", await sha256Of(unpackStream(request)), result.rawSha256);
  return compareCrc((await checkImage(request)).rawCrc32, result.rawCrc32);
}

/** What the stamp has of the artifact that it makes of the very stampable file which this one was made of. */
function artifactOf(
  artifacts: readonly StampArtifact[],
  { format, map }: NonNullable<ReadableImage["packed"]>,
): StampArtifact | undefined {
  const stampable = stampableIdentity(map);
  return artifacts.find((each) => each.format === format.name && each.stampable === stampable);
}

async function* watched(
  source: ByteSource,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of chunksOf(source)) {
    signal.throwIfAborted();
    yield chunk;
    onProgress((done += chunk.length), source.length);
  }
}

async function sha256Of(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

async function crc32Of(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let crc = 0;
  for await (const chunk of chunks) crc = crc32(chunk, crc);
  return crc;
}

function compareSha256(what: string, got: string, expected: string): string {
  compare(`SHA-256 of ${what}`, got, expected);
  return `SHA-256 of ${what}`;
}

function compareCrc(got: number, expected: number): string {
  compare("CRC-32 of the image", crcText(got), crcText(expected));
  return "CRC-32 of the image";
}

function compare(what: string, got: string, expected: string): void {
  if (got === expected) return;
  throw new ProgramError("VERIFY_DIFFERS", `${what} is ${got}, the stamp says ${expected}`, {
    got,
    expected,
  });
}
