import { FileSource } from "@bootstamp/byte-source";
import { refuseInput } from "@bootstamp/stamp";
import { writeWholeFile } from "@bootstamp/whole-file";
import { type PreparedSplice, prepareSplice } from "./prepare-splice.ts";
import type { RepackRequest } from "./repack.ts";
import { Spool } from "./spool.ts";
import { verifySpliced } from "./verify-spliced.ts";
import { writeSpliced } from "./write-spliced.ts";

export interface SpliceRequest extends RepackRequest {
  /** Where the artifact goes; replaced if it is there. */
  readonly output: string;
}

export interface Spliced {
  readonly length: number;
  /** Length of the stampable file. */
  readonly lengthBefore: number;
  /** CRC-32 of the raw bytes; absent where the format keeps none. */
  readonly rawCrc32: number | undefined;
  /** How many segments were packed anew, and how many raw bytes these have. */
  readonly segments: number;
  readonly rawBytes: number;
  /** Bytes of the artifact that are not those of the stampable file at the same place, or may not be. */
  readonly changedBytes: number;
}

/**
 * Makes an artifact of a patch that lies in stored segments or elsewhere: of the latter, every segment that it touches is
 * decoded, patched and packed anew; the others are copied as they are, and head and tail made to fit.
 *
 * The artifact can be stamped in its turn: what is stored stays stored, what was compressed stays compressed, and the
 * base that its map names is still that of the stampable file. It appears at `output` when it is complete, synced and read
 * back, or not at all. Costs packing what is touched, and a copy of the file; where the file system shares blocks, only of
 * what moves. Memory stays within 400 MiB.
 * @throws MapError `MAP_PATCH_OTHER_BASE`, `MAP_PATCH_NOT_STORED` for what is beyond the image, `MAP_SEGMENT_DAMAGED`,
 * `MAP_SETTING`, `MAP_TOO_LARGE`; SourceError `SOURCE_CHANGED` if the stampable file was written to or replaced since it
 * was opened; WholeFileError; StampError; the signal's reason.
 */
export async function spliceFile(request: SpliceRequest): Promise<Spliced> {
  const { format, map, stampable, output, signal } = request;
  refuseInput(stampable, output);
  using spool = new Spool();
  const prepared = await prepareSplice(request, spool);
  await writeWholeFile(
    output,
    async (temporaryPath) => {
      signal?.throwIfAborted();
      await writeSpliced(prepared, stampable, temporaryPath, signal);
      if (stampable instanceof FileSource) stampable.assertUnchanged();
    },
    async (temporaryPath) => {
      const artifact = FileSource.open(temporaryPath);
      try {
        await verifySpliced(format, map, prepared, artifact);
      } finally {
        artifact.close();
      }
    },
  );
  return { ...factsOf(prepared), lengthBefore: stampable.length };
}

function factsOf({ content, changed, rawCrc32, segments }: PreparedSplice): Omit<Spliced, "lengthBefore"> {
  const pieces = segments.flatMap((segment) => segment.pieces);
  return {
    length: content.length,
    rawCrc32,
    segments: segments.length,
    rawBytes: pieces.reduce((sum, { piece }) => sum + piece.rawLength, 0),
    changedBytes: changed.reduce((sum, { length }) => sum + length, 0),
  };
}
