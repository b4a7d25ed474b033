import { type ByteSource, FileSource, overwrittenSource, type Patch } from "@bootstamp/byte-source";
import { writeWholeFile } from "@bootstamp/whole-file";
import { cloneFile } from "./clone-file.ts";
import { planRaw } from "./stamp-in-place.ts";

export interface RawStampRequest {
  /** The raw base image: a file is cloned, of any other source all bytes are read. */
  readonly base: ByteSource;
  readonly patch: Patch;
  /** Where the raw image of the variant goes; replaced if it is there. */
  readonly output: string;
  readonly signal?: AbortSignal;
}

/**
 * Makes the raw image of a variant: a clone of the base with the patch in it. It appears at `output` when it is
 * complete, synced and read back, or not at all.
 * @throws MapError `MAP_PATCH_OTHER_BASE`; SourceError `SOURCE_CHANGED`; StampError `STAMP_VERIFY_FAILED`;
 * WholeFileError; the signal's reason.
 */
export async function stampRaw({ base, patch, output, signal }: RawStampRequest): Promise<void> {
  const { check } = await planRaw(base, patch);
  await writeWholeFile(
    output,
    async (temporaryPath) => {
      signal?.throwIfAborted();
      await cloneFile(base, temporaryPath, patch);
      signal?.throwIfAborted();
    },
    async (temporaryPath) => {
      const made = FileSource.open(temporaryPath);
      try {
        await check(made);
      } finally {
        made.close();
      }
    },
  );
}

const chunkLength = 1 << 20;

/** Yields the raw image of a variant without making a file. @throws as {@link stampRaw}. */
export async function* streamRaw({
  base,
  patch,
  signal,
}: Omit<RawStampRequest, "output">): AsyncGenerator<Uint8Array> {
  await planRaw(base, patch);
  const variant = overwrittenSource(base, patch);
  for (let at = 0; at < variant.length; at += chunkLength) {
    signal?.throwIfAborted();
    const chunk = await variant.read(at, Math.min(chunkLength, variant.length - at));
    if (base instanceof FileSource && at + chunk.length === variant.length) base.assertUnchanged();
    yield chunk;
  }
}
