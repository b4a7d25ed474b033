import { checkImage } from "@bootstamp/press";
import { openDigester, verifyArtifact } from "@bootstamp/stamp";
import type { Stamp } from "@bootstamp/stamp-file";
import { aboutFile } from "../about-file.ts";
import { BuildError } from "../build/build-error.ts";
import { hexOfCrc32 } from "../build/manifest.ts";
import { openImage, type OpenImage } from "../open-image.ts";
import { readStamp } from "../read-stamp.ts";
import { printable } from "../report/printable.ts";
import type { Reporter } from "../report/reporter.ts";

export interface VerifyStampOptions {
  /** An artifact, raw or compressed. */
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
  const image = await openImage(path);
  try {
    const { packed, file } = image;
    const format = packed === undefined ? {} : { format: packed.format };
    const vouched = await aboutFile(
      path,
      async () => await verifyArtifact({ ...format, artifact: file, stamp }),
    );
    if (full) await aboutFile(path, async () => await verifyWhole(path, image, stamp, reporter, signal));
    const read = full ? "all of it was read" : "what the stamp touches was read";
    const limits =
      full || vouched.rawCrc32 ? "" : "; the format does not vouch for the rest: --full reads it";
    reporter.tell({ event: "verified", path, stamp: stamp.name, base: stamp.base, full, vouched }, [
      `ok      ${path}: base ${hexOfCrc32(stamp.base.rawCrc32)} with stamp "${printable(stamp.name)}"; ${read}${limits}`,
    ]);
  } finally {
    image.file.close();
    reporter.settle();
  }
}

async function verifyWhole(
  path: string,
  { packed, file, raw }: OpenImage,
  { result }: Stamp,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  if (packed === undefined) {
    if (result.rawSha256 === undefined) return;
    const digester = openDigester();
    try {
      const sha256 = await digester.digest({ file, signal });
      if (sha256 !== result.rawSha256) throw differs("SHA-256", sha256, result.rawSha256);
    } finally {
      await digester.close();
    }
    return;
  }
  const onProgress = ({ rawDone }: { readonly rawDone: number }): void =>
    reporter.progress({ task: "verify", done: rawDone, total: raw.length });
  const { rawCrc32 } = await checkImage({ path, format: packed.format, signal, onProgress });
  if (rawCrc32 !== result.rawCrc32)
    throw differs("CRC-32 of the raw bytes", hexOfCrc32(rawCrc32), hexOfCrc32(result.rawCrc32));
}

function differs(what: string, got: string, expected: string): BuildError {
  return new BuildError("VERIFY_DIFFERS", `${what} is ${got}, the stamp says ${expected}`, { got, expected });
}
