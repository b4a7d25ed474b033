import { createHash } from "node:crypto";
import { checkImage, chunksOf } from "@bootstamp/press";
import { verifyArtifact } from "@bootstamp/stamp";
import type { Stamp } from "@bootstamp/stamp-file";
import { aboutFile } from "../about-file.ts";
import { BuildError } from "../build/build-error.ts";
import { hexOfCrc32 } from "../build/manifest.ts";
import { openReadable, type ReadableImage } from "../open-readable.ts";
import { readStamp } from "../read-stamp.ts";
import { printable } from "../report/printable.ts";
import type { Reporter } from "../report/reporter.ts";

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
    if (full) await aboutFile(name, async () => await verifyWhole(image, stamp, reporter, signal));
    const read = full ? "all of it was read" : "what the stamp touches was read";
    const limits =
      full || vouched.rawCrc32 ? "" : "; the format does not vouch for the rest: --full reads it";
    reporter.tell({ event: "verified", path: name, stamp: stamp.name, base: stamp.base, full, vouched }, [
      `ok      ${name}: base ${hexOfCrc32(stamp.base.rawCrc32)} with stamp "${printable(stamp.name)}"; ${read}${limits}`,
    ]);
  } finally {
    await image.close();
    reporter.settle();
  }
}

async function verifyWhole(
  { packed, file, raw }: ReadableImage,
  { result }: Stamp,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const onProgress = ({ rawDone }: { readonly rawDone: number }): void =>
    reporter.progress({ task: "verify", done: rawDone, total: raw.length });
  if (packed === undefined) {
    if (result.rawSha256 === undefined) return;
    const hash = createHash("sha256");
    let done = 0;
    for await (const chunk of chunksOf(raw)) {
      signal.throwIfAborted();
      hash.update(chunk);
      onProgress({ rawDone: (done += chunk.length) });
    }
    const sha256 = hash.digest("hex");
    if (sha256 !== result.rawSha256) throw differs("SHA-256", sha256, result.rawSha256);
    return;
  }
  const { rawCrc32 } = await checkImage({ ...packed, packed: file, signal, onProgress });
  if (rawCrc32 !== result.rawCrc32)
    throw differs("CRC-32 of the raw bytes", hexOfCrc32(rawCrc32), hexOfCrc32(result.rawCrc32));
}

function differs(what: string, got: string, expected: string): BuildError {
  return new BuildError("VERIFY_DIFFERS", `${what} is ${got}, the stamp says ${expected}`, { got, expected });
}
